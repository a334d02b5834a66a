"""Stored answers: a write that is repeated under its key is answered as it was the first time, and not done again.

The answer is stored in the transaction of the change itself, so that there is never one without the other.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from mechtui.models import Code
from mechtui.server.db.connection import Columns
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from mechtui.server.wire import to_json

_ANSWERS = Columns("idempotency", ("principal", "key", "fingerprint", "status", "body", "at"))
_STORED = frozenset({200, 201, 404, 409, 410})

T = TypeVar("T")


class Ticket(NamedTuple):
    """Whose write this is, under which key, and a fingerprint of what he asked."""

    principal: str
    key: str
    fingerprint: str


class Reply(NamedTuple):
    """What a write is answered with, and stored under its key."""

    status: int
    body: str
    replayed: bool = False


Refused = Callable[[Tx, Refusal], None]


def nothing(_tx: Tx, _refusal: Refusal) -> None:
    """A refusal leaves no trace but its answer."""


def answered(
    ticket: Ticket, work: Callable[[Tx], T], status: int, encode: Callable[[T], str], refused: Refused = nothing
) -> Callable[[Tx], Reply]:
    """A job that answers as a write over HTTP: once a key, the answer stored in the same transaction.

    `refused` is run when the work was refused and undone, in the same transaction as the answer is stored in.
    A second job with the ticket's key gets the stored answer, or a 422 when it asks something else. Nearly every key is
    new, so it is not looked up first: storing an answer where there is one is refused, and all is run again with care.
    """

    def job(tx: Tx) -> Reply:
        if tx.careful and (stored := _recall(tx, ticket)) is not None:
            return stored
        try:
            reply = Reply(status, encode(work(tx)))
        except Refusal as refusal:
            tx.undo()
            if refusal.status not in _STORED:
                if (stored := _recall(tx, ticket)) is not None:
                    return stored
                raise
            refused(tx, refusal)
            reply = Reply(refusal.status, to_json(refusal.body))
        answer = (ticket.principal, ticket.key, ticket.fingerprint, reply.status, reply.body, tx.now)
        tx.insert_later(_ANSWERS, answer)
        return reply

    return job


def _recall(tx: Tx, ticket: Ticket) -> Reply | None:
    row = tx.one(
        "SELECT fingerprint, status, body FROM idempotency WHERE principal = ? AND key = ?",
        (ticket.principal, ticket.key),
    )
    if row is None:
        return None
    if row[0] != ticket.fingerprint:
        raise _key_reused()
    return Reply(row[1], row[2], replayed=True)


def _key_reused() -> Refusal:
    """One key, two different wishes: answering with the first one's answer would be a lie."""
    return Refusal(
        422, Code.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key was used for another request; make a new one."
    )


def forget_old_answers(tx: Tx, before: str) -> None:
    """Forget the answers stored before this time; a client gives up its keys long before."""
    tx.run("DELETE FROM idempotency WHERE at < ?", (before,))
