"""Keys: which are taken, whose they are, and what a token of a login opens, on either kind of database."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.config import ConfigError
from mechtui.server import accounts, auth, logins, public_key
from mechtui.server.accounts import AccountError
from mechtui.server.clock import utc_now
from mechtui.server.db.engine import engine_of
from mechtui.server.logins import KnownMechanic
from mechtui.server.public_key import PublicKeyError
from mechtui.server.refusal import Refusal
from mechtui.ssh.host_key import host_key
from mechtui.ssh.screen import ScreenWatch


def line_of(kind: str = "ssh-ed25519", **how: int) -> str:
    return asyncssh.generate_private_key(kind, "dana@home", **how).export_public_key().decode()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa"])
def test_a_key_is_known_by_the_fingerprint_ssh_shows(kind: str) -> None:
    line = line_of(kind)
    key = public_key.read(f"# mine\n\n{line}\n")
    assert key.fingerprint == asyncssh.import_public_key(line).get_fingerprint()
    assert key.line == " ".join(line.split()[:2])


@pytest.mark.parametrize(
    ("make", "words"),
    {
        "empty": (lambda: "", "0 keys"),
        "two": (lambda: line_of() + line_of(), "2 keys"),
        "private": (lambda: "-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        "dss": (lambda: "ssh-dss AAAA", "a key begins with"),
        "options": (lambda: "command=rm ssh-ed25519 AAAA", "a key begins with"),
        "no base64": (lambda: "ssh-ed25519 !!!!", "not base64"),
        "cut": (lambda: "ssh-ed25519", "cut off"),
        "another kind": (lambda: "ssh-ed25519 " + line_of("ecdsa-sha2-nistp256").split()[1], "something else"),
        "short": (lambda: line_of("ssh-rsa", key_size=1024), "1024 bits"),
    }.values(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_key_is_said_to_be_none(make: Callable[[], str], words: str) -> None:
    with pytest.raises(PublicKeyError, match=words):
        public_key.read(make())


@given(st.binary(max_size=80), st.sampled_from(public_key.KINDS))
def test_any_bytes_are_a_key_or_none(blob: bytes, kind: str) -> None:
    framed = len(kind).to_bytes(4, "big") + kind.encode() + blob
    for content in (blob, framed):
        try:
            key = public_key.read(f"{kind} {base64.b64encode(content).decode()}")
        except PublicKeyError:
            continue
        assert key.fingerprint.startswith("SHA256:")


def test_a_token_of_a_login_lapses_and_goes_with_its_key(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = accounts.add_mechanic(database, "Ann")
    key = public_key.read(line_of())
    logins.add_key(database, ann.id, key)
    logins.add_key(database, ann.id, key)
    assert logins.owner_of(database, key.fingerprint) == KnownMechanic(ann.id, "Ann", key.fingerprint)
    assert not opens(database, "mtl_a")
    logins.renew(database, [("mtl_a", key.fingerprint), ("mtl_b", "SHA256:nobody's")])
    assert opens(database, "mtl_a")
    assert not opens(database, "mtl_b")
    late = utc_now() + timedelta(seconds=logins.TOKEN_SECONDS + 1)
    with monkeypatch.context() as later:
        later.setattr(auth, "utc_now", lambda: late)
        assert not opens(database, "mtl_a")
    logins.remove_key(database, ann.id, key.fingerprint)
    assert not opens(database, "mtl_a")
    assert logins.owner_of(database, key.fingerprint) is None
    with pytest.raises(AccountError, match="has no key"):
        logins.remove_key(database, ann.id, key.fingerprint)


def test_a_revoked_mechanic_has_no_keys_left(database: str) -> None:
    ann = accounts.add_mechanic(database, "Ann")
    bob = accounts.add_mechanic(database, "Bob")
    key = public_key.read(line_of())
    logins.add_key(database, ann.id, key)
    with pytest.raises(AccountError, match="of another mechanic"):
        logins.add_key(database, bob.id, key)
    known = logins.owner_of(database, key.fingerprint)
    assert known is not None
    logins.renew(database, [("mtl_a", key.fingerprint)])
    assert logins.still_known(database, {known}) == {known}
    accounts.revoke_mechanic(database, ann.id)
    assert logins.still_known(database, {known}) == set()
    assert not opens(database, "mtl_a")
    with pytest.raises(AccountError, match="is revoked"):
        logins.add_key(database, ann.id, key)
    accounts.renew_mechanic(database, ann.id)
    assert logins.keys_of(database, ann.id) == []
    logins.add_key(database, bob.id, key)


def opens(database: str, token: str) -> bool:
    """Whether a backend takes this token for a mechanic's."""
    with engine_of(database).looking() as connection:
        try:
            return auth.identify(connection, f"Bearer {token}").kind == "mechanic"
        except Refusal:
            return False


def test_the_host_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "host_key"
    first, again = host_key(file), host_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.fingerprint == again.fingerprint
    assert first.token("ann", "SHA256:a") == again.token("ann", "SHA256:a") != first.token("bob", "SHA256:a")
    assert host_key(tmp_path / "other").token("ann", "SHA256:a") != first.token("ann", "SHA256:a")
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        host_key(file)
    (tmp_path / "none").write_text("nonsense")
    (tmp_path / "none").chmod(0o600)
    with pytest.raises(ConfigError, match="no private key"):
        host_key(tmp_path / "none")


@given(st.lists(st.sampled_from([b"\x1b[?1049h", b"\x1b[?1049l", b"x", b"\x1b["]), max_size=8), st.data())
def test_whether_a_program_has_the_screen_does_not_depend_on_how_its_output_is_cut(
    parts: list[bytes], data: st.DataObject
) -> None:
    output = b"".join(parts)
    taken = output.rfind(b"\x1b[?1049h") > output.rfind(b"\x1b[?1049l")
    watch, at = ScreenWatch(), 0
    while at < len(output):
        size = data.draw(st.integers(1, 9))
        watch.saw(output[at : at + size])
        at += size
    assert watch.taken is taken
