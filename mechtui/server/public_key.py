"""A line of a `.pub` file: which key it is. Nothing here checks signatures."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

KINDS = (
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com", "ssh-rsa",
)  # fmt: skip
"""The kinds OpenSSH makes today."""
FEWEST_RSA_BITS = 2048


class PublicKeyError(Exception):
    """This is no public key that can be taken; the message says why, and what to give instead."""


@dataclass(frozen=True)
class PublicKey:
    """A key as one line without its comment, and its fingerprint as `ssh-keygen -l` shows it."""

    line: str
    fingerprint: str


def read(text: str) -> PublicKey:
    """The key that the text of a `.pub` file holds. Raises `PublicKeyError`."""
    if "PRIVATE KEY" in text:
        raise PublicKeyError("this is a private key, which is nobody's but its owner's; the file to give ends in .pub")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise PublicKeyError(f"there are {len(lines)} keys in it; one is wanted, as ssh-keygen writes it to a .pub")
    kind, _, rest = lines[0].strip().partition(" ")
    if kind not in KINDS:
        raise PublicKeyError(f"it begins with {kind[:40]!r}; a key begins with one of {', '.join(KINDS)}")
    blob = _blob(rest.split(" ")[0])
    if _field(blob, 0) != kind.encode():
        raise PublicKeyError(f"it says {kind}, and holds something else")
    if kind == "ssh-rsa" and _rsa_bits(blob) < FEWEST_RSA_BITS:
        raise PublicKeyError(f"it has {_rsa_bits(blob)} bits; make a new one with: ssh-keygen -t ed25519")
    return PublicKey(f"{kind} {base64.b64encode(blob).decode()}", fingerprint(blob))


def fingerprint(blob: bytes) -> str:
    """The fingerprint of a key as it goes over the wire."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except binascii.Error as error:
        raise PublicKeyError("it is cut off or changed: what follows its kind is not base64") from error


def _field(blob: bytes, number: int) -> bytes:
    """A field of a key: each has its length before it."""
    at = 0
    for _ in range(number):
        at += 4 + _length(blob, at)
    return blob[at + 4 : at + 4 + _length(blob, at)]


def _length(blob: bytes, at: int) -> int:
    if at + 4 > len(blob):
        raise PublicKeyError("it is cut off")
    length: int = struct.unpack_from(">I", blob, at)[0]
    return length


def _rsa_bits(blob: bytes) -> int:
    return int.from_bytes(_field(blob, 2), "big").bit_length()
