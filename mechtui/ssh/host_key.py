"""The front's host key: made at the first start, and kept; it is how a mechanic's client knows the shop again."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from mechtui.config import ConfigError
from mechtui.saving import write_new


@dataclass(frozen=True)
class HostKey:
    """The key the front shows, and the secret only its owner has."""

    key: asyncssh.SSHKey
    secret: bytes

    @property
    def fingerprint(self) -> str:
        """What a client shows at the first login: to be compared."""
        return self.key.get_fingerprint()

    def token(self, mechanic_id: str, fingerprint: str) -> str:
        """The token of a mechanic who is in with this key of his.

        The same each time, so that what he sent before his line broke is his when he comes back; worth something
        only while the database says so.
        """
        digest = hmac.digest(self.secret, f"{mechanic_id} {fingerprint}".encode(), "sha256")
        return "mtl_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def host_key(path: Path) -> HostKey:
    """The key in this file, which is made if need be. Raises `ConfigError` for one that cannot be used."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new(path, asyncssh.generate_private_key("ssh-ed25519", "mechtui").export_private_key())
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"others on this machine can read the host key {path}; put that right: chmod 600 {path}")
        private = path.read_bytes()
        key = asyncssh.import_private_key(private)
    except OSError as error:
        raise ConfigError(f"the host key {path} cannot be had: {error.strerror}; name another file: --keys") from error
    except asyncssh.KeyImportError as error:
        raise ConfigError(f"{path} is no private key without a passphrase: {error}") from error
    return HostKey(key, hashlib.sha256(b"mechtui logins " + private).digest())


def make_client_key(path: Path) -> str:
    """A new key for a client, which only its owner may read; the line that its `.pub` would hold."""
    key = asyncssh.generate_private_key("ssh-ed25519", "mechtui")
    write_new(path, key.export_private_key())
    return key.export_public_key().decode()
