"""Who is asking. Tokens come in the Authorization header only, and are looked up at each request."""

import json
from dataclasses import dataclass
from typing import Literal

from mechtui.models import Code
from mechtui.server.accounts import token_hash
from mechtui.server.clock import stamp, utc_now
from mechtui.server.db.connection import Connection
from mechtui.server.db.errors import DatabaseBusyError
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.store import Store
from mechtui.server.refusal import Refusal, signed_out

_WHO = """
SELECT 'mechanic', id, name, types FROM mechanics WHERE token_hash = :hash AND revoked_at IS NULL
UNION ALL SELECT 'mechanic', m.id, m.name, m.types FROM logins l JOIN mechanic_keys k ON k.fingerprint = l.fingerprint
  JOIN mechanics m ON m.id = k.mechanic_id
  WHERE l.token_hash = :hash AND l.expires_at > :now AND m.revoked_at IS NULL
UNION ALL SELECT 'desk', id, name, '[]' FROM desks WHERE token_hash = :hash AND revoked_at IS NULL
UNION ALL SELECT 'customer', id, '', '[]' FROM sessions WHERE customer_token_hash = :hash
"""


TRY_AGAIN = "The database cannot be had just now; try again."


@dataclass(frozen=True)
class Principal:
    """Who a token belongs to. `id` is the mechanic's, the desk's, or for a customer his session's."""

    kind: Literal["mechanic", "desk", "customer"]
    id: str
    name: str
    types: tuple[str, ...]

    @property
    def key(self) -> str:
        """The owner of idempotency keys."""
        return f"{self.kind}:{self.id}"

    @property
    def mechanic(self) -> Mechanic:
        """The mechanic this is."""
        return Mechanic(self.id, self.name, self.types)


def bearer(authorization: str | None) -> str:
    """The token in an `Authorization` header, or "" when there is none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def identify(connection: Connection, authorization: str | None) -> Principal:
    """Whose token this `Authorization` header holds. Raises the 401 `Refusal` for none, a wrong or a revoked one."""
    token = bearer(authorization)
    if token:
        for kind, account_id, name, types in connection.execute(
            _WHO, {"hash": token_hash(token), "now": stamp(utc_now())}
        ):
            return Principal(kind, account_id, name, tuple(json.loads(types)))
    raise signed_out()


async def identified(store: Store, authorization: str | None) -> Principal:
    """`identify` by what the store holds now. Raises the 503 `Refusal` when it cannot be asked."""
    try:
        return await store.look(identify, authorization)
    except DatabaseBusyError as error:
        raise Refusal(503, Code.UNAVAILABLE, TRY_AGAIN) from error
