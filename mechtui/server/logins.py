"""Who may come in over SSH: the keys of mechanics, and the tokens that stand for them while they are in.

A token of a login lapses minutes after it was last renewed, and opens nothing once its key or its mechanic is gone.
The database keeps its SHA-256. These functions work on the database itself, beside a running backend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mechtui.server.accounts import AccountError, token_hash
from mechtui.server.clock import shifted, stamp, utc_now
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.public_key import PublicKey

TOKEN_SECONDS = 300
"""How long a token opens something after it was last renewed."""

_WHO = """
SELECT m.id, m.name FROM mechanic_keys k JOIN mechanics m ON m.id = k.mechanic_id
WHERE k.fingerprint = ? AND m.revoked_at IS NULL
"""
_RENEWED = """
INSERT INTO logins (token_hash, fingerprint, expires_at) VALUES (?, ?, ?)
ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at
"""


@dataclass(frozen=True)
class KnownMechanic:
    """A mechanic, known by one of his keys."""

    id: str
    name: str
    fingerprint: str


def add_key(database: str, mechanic_id: str, key: PublicKey) -> None:
    """From now on the mechanic may come in with this key. Raises `AccountError`; having it already is none."""
    with engine_of(database).changing() as connection:
        found = connection.execute("SELECT revoked_at FROM mechanics WHERE id = ?", (mechanic_id,)).fetchall()
        if not found:
            raise AccountError(f"there is no mechanic with the id {mechanic_id}; see: mechtui mechanic list")
        if found[0][0] is not None:
            raise AccountError("this mechanic is revoked; mechtui mechanic token ID brings him back")
        owners = connection.execute(
            "SELECT mechanic_id FROM mechanic_keys WHERE fingerprint = ?", (key.fingerprint,)
        ).fetchall()
        if owners and owners[0][0] != mechanic_id:
            raise AccountError(f"{key.fingerprint} is the key of another mechanic, {owners[0][0]}; each has his own")
        if not owners:
            connection.execute(
                "INSERT INTO mechanic_keys (fingerprint, mechanic_id, public_key, added_at) VALUES (?, ?, ?, ?)",
                (key.fingerprint, mechanic_id, key.line, stamp(utc_now())),
            )


def remove_key(database: str, mechanic_id: str, fingerprint: str) -> None:
    """This key lets nobody in any more. Raises `AccountError` when the mechanic has no such key."""
    with engine_of(database).changing() as connection:
        gone = connection.execute(
            "DELETE FROM mechanic_keys WHERE fingerprint = ? AND mechanic_id = ? RETURNING fingerprint",
            (fingerprint, mechanic_id),
        ).fetchall()
    if not gone:
        raise AccountError(f"mechanic {mechanic_id} has no key {fingerprint}; see: mechtui mechanic key {mechanic_id}")


def keys_of(database: str, mechanic_id: str) -> list[str]:
    """The fingerprints of a mechanic's keys, in the order they were added."""
    with engine_of(database).changing() as connection:
        rows = connection.execute(
            "SELECT fingerprint FROM mechanic_keys WHERE mechanic_id = ? ORDER BY added_at, fingerprint", (mechanic_id,)
        ).fetchall()
    return [str(fingerprint) for (fingerprint,) in rows]


def owner_of(database: str, fingerprint: str) -> KnownMechanic | None:
    """Whose key this is; nobody when it is not known, or its mechanic is revoked."""
    with engine_of(database).looking(through=False) as connection:
        return _owner(connection, fingerprint)


def still_known(database: str, mechanics: Iterable[KnownMechanic]) -> set[KnownMechanic]:
    """Those of them whose keys still let them in."""
    with engine_of(database).looking(through=False) as connection:
        return {one for one in mechanics if _owner(connection, one.fingerprint) == one}


def renew(database: str, tokens: Sequence[tuple[str, str]]) -> None:
    """Let tokens, each with the fingerprint of its key, open something for `TOKEN_SECONDS` from now on.

    Those that have lapsed are swept away. A key that is gone has no token any more, and gets none.
    """
    now = stamp(utc_now())
    until = shifted(now, TOKEN_SECONDS)
    with engine_of(database).changing(through=False) as connection:
        connection.execute("DELETE FROM logins WHERE expires_at < ?", (now,))
        for token, fingerprint in tokens:
            if connection.execute("SELECT 1 FROM mechanic_keys WHERE fingerprint = ?", (fingerprint,)).fetchall():
                connection.execute(_RENEWED, (token_hash(token), fingerprint, until))


def _owner(connection: Connection, fingerprint: str) -> KnownMechanic | None:
    rows = connection.execute(_WHO, (fingerprint,)).fetchall()
    return KnownMechanic(str(rows[0][0]), str(rows[0][1]), fingerprint) if rows else None
