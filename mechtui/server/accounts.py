"""Who may knock: mechanics and desks, and their tokens.

A token is 256 random bits, shown once; the database keeps its SHA-256. These functions work on the database
itself, beside a running backend, so that the first account needs no account.
"""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass

from mechtui.models import SessionType
from mechtui.server.clock import stamp, utc_now
from mechtui.server.db.engine import engine_of


class AccountError(Exception):
    """The account cannot be made or changed; the message says why."""


@dataclass(frozen=True)
class NewAccount:
    """A new account and its token, which is not to be had again."""

    id: str
    name: str
    token: str


@dataclass(frozen=True)
class MechanicInfo:
    """A mechanic as the list shows him. `created_at` is a UTC stamp."""

    id: str
    name: str
    types: tuple[str, ...]
    created_at: str
    revoked: bool


def new_token(kind: str) -> str:
    """A fresh token; `kind` is `mechanic` or `desk`, and its first letter shows in the token."""
    return f"mt{kind[0]}_{secrets.token_urlsafe(32)}"


def customer_token(desk_token: str, key: str) -> str:
    """The token of the customer whose request the desk submits under this idempotency key.

    Derived from the desk's own secret, so that a repeated submit gets the same token again although no token is
    stored anywhere.
    """
    digest = hmac.digest(desk_token.encode("latin-1"), f"customer {key}".encode("latin-1"), "sha256")
    return "mtc_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def add_mechanic(database: str, name: str, types: tuple[str, ...] = tuple(SessionType)) -> NewAccount:
    """Make a mechanic who takes these types of session."""
    unknown = [wanted for wanted in types if wanted not in set(SessionType)]
    if unknown or not types:
        raise AccountError(
            f"{', '.join(unknown) or 'no type'}: a mechanic takes one or more of {', '.join(SessionType)}"
        )
    account = _new_account(name, "mechanic")
    with engine_of(database).changing() as connection:
        connection.execute(
            "INSERT INTO mechanics (id, name, token_hash, types, created_at) VALUES (?, ?, ?, ?, ?)",
            (account.id, account.name, token_hash(account.token), json.dumps(list(types)), stamp(utc_now())),
        )
    return account


def add_desk(database: str, name: str) -> NewAccount:
    """Make a desk: it submits, and acts for customers."""
    account = _new_account(name, "desk")
    with engine_of(database).changing() as connection:
        connection.execute(
            "INSERT INTO desks (id, name, token_hash, created_at) VALUES (?, ?, ?, ?)",
            (account.id, account.name, token_hash(account.token), stamp(utc_now())),
        )
    return account


def list_mechanics(database: str) -> list[MechanicInfo]:
    """Every mechanic there ever was, the oldest first."""
    with engine_of(database).changing() as connection:
        rows = connection.execute(
            "SELECT id, name, types, created_at, revoked_at IS NOT NULL FROM mechanics ORDER BY created_at, id"
        ).fetchall()
    return [MechanicInfo(str(i), str(n), tuple(json.loads(str(t))), str(at), bool(gone)) for i, n, t, at, gone in rows]


def revoke_mechanic(database: str, mechanic_id: str) -> None:
    """Take his token and his keys from a mechanic. What he holds stays his until people decide."""
    with engine_of(database).changing() as connection:
        revoked = connection.execute(
            "UPDATE mechanics SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? RETURNING id",
            (stamp(utc_now()), mechanic_id),
        ).fetchall()
        if not revoked:
            raise AccountError(f"there is no mechanic with the id {mechanic_id}; see: mechtui mechanic list")
        connection.execute("DELETE FROM mechanic_keys WHERE mechanic_id = ?", (mechanic_id,))


def renew_mechanic(database: str, mechanic_id: str) -> NewAccount:
    """Another token for a mechanic; the one before opens nothing any more. One who was revoked works again."""
    token = new_token("mechanic")
    with engine_of(database).changing() as connection:
        renewed = connection.execute(
            "UPDATE mechanics SET token_hash = ?, revoked_at = NULL WHERE id = ? RETURNING name",
            (token_hash(token), mechanic_id),
        ).fetchall()
    if not renewed:
        raise AccountError(f"there is no mechanic with the id {mechanic_id}; see: mechtui mechanic list")
    return NewAccount(mechanic_id, str(renewed[0][0]), token)


def _new_account(name: str, kind: str) -> NewAccount:
    if not name.strip():
        raise AccountError(f"a {kind} needs a name")
    return NewAccount(str(uuid.uuid4()), name, new_token(kind))
