"""Writing one case: customer's words, files, session, summary, review, and the events that tell how it came."""

import secrets
from typing import Any, NamedTuple

from mechtui.models import Kind
from mechtui.server.clock import stamp
from mechtui.server.db.connection import Connection
from mechtui.server.db.events import Entry, write_down
from mechtui.server.db.intakes import INSERT_FILE, INSERT_INTAKE, INSERT_THUMB, intake_values
from mechtui.server.legacy.case import Case, made_id
from mechtui.server.legacy.planning import content_of
from mechtui.server.legacy.plans_of_old import OldPlan
from mechtui.server.legacy.shape import Shape
from mechtui.server.legacy.source import Source
from mechtui.server.thumbs import make_thumb

TOLD = "from the old database"
UNSURE = "from the old database, which does not say when"
_SHARE_BP = 7000
"""What mechanics of the old shop had of each price."""


INSERT_PLAN = (
    "INSERT INTO plans (code, type, name, minutes, price_cents, mechanic_share_bp, standard, active) "
    "VALUES (?, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (code) DO NOTHING"
)
"""A plan nobody can book any more, for `plan_values`."""


class _Told(NamedTuple):
    """An event before it has its place in the feed."""

    kind: Kind
    actor: str
    mechanic_id: str | None
    at: str
    reason: str


def plan_values(plan: OldPlan, code: str = "") -> tuple[str, str, str, int, int, int]:
    """A plan as `INSERT_PLAN` takes it, under another code where one is given."""
    return code or plan.code, plan.type, plan.name, plan.minutes, plan.price_cents, _SHARE_BP


def write_case(connection: Connection, case: Case, source: Source, now: str) -> None:
    """Write it all. Raises what the connection calls `violated` when the schema refuses it."""
    made = stamp(case.shape.created)
    connection.execute(INSERT_INTAKE, intake_values(case.intake_id, case.customer_id, case.wish, made))
    for position, file in enumerate(case.files):
        content = content_of(source, file) or b""
        file_id = made_id("file", case.id, str(position))
        connection.execute(INSERT_FILE, (file_id, case.intake_id, position, file.name, file.mime, content))
        if (thumb := make_thumb(content)) is not None:
            connection.execute(INSERT_THUMB, (file_id, *thumb))
    _insert_session(connection, case, now)
    _insert_summary(connection, case)
    if case.review is not None:
        connection.execute(
            "INSERT INTO session_reviews (session_id, rating, comment, created_at) VALUES (?, ?, ?, ?)",
            (case.id, case.review.said.rating, case.review.said.comment, stamp(case.review.at)),
        )
    _insert_events(connection, case, now)


def _insert_session(connection: Connection, case: Case, now: str) -> None:
    shape = case.shape
    plan_code = _plan_code(connection, case)
    started = shape.started and stamp(shape.started)
    connection.execute(
        "INSERT INTO sessions (id, customer_id, intake_id, plan_code, type, status, urgent, mechanic_id, created_at, "
        "expires_at, accepted_at, mechanic_joined_at, customer_joined_at, started_at, ended_at, ended_by, end_reason, "
        "minutes, price_cents, mechanic_share_bp, customer_token_hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (case.id, case.customer_id, case.intake_id, plan_code, str(case.wish.type), str(shape.status),
         int(case.wish.urgent), shape.mechanic_id, stamp(shape.created), stamp(shape.expires),
         shape.accepted and stamp(shape.accepted), started, started, started, shape.ended and stamp(shape.ended),
         shape.ended_by, shape.reason, case.minutes, case.price_cents, _SHARE_BP, secrets.token_hex(32)),
    )  # fmt: skip


def _plan_code(connection: Connection, case: Case) -> str:
    """The plan's code; where a plan of ours has that code for another type, it is given one of its own."""
    found = connection.execute("SELECT type FROM plans WHERE code = ?", (case.plan.code,)).fetchall()
    if found[0][0] == case.plan.type:
        return case.plan.code
    code = f"legacy-{case.plan.code}-{case.plan.type}"
    connection.execute(INSERT_PLAN, plan_values(case.plan, code))
    return code


def _insert_summary(connection: Connection, case: Case) -> None:
    if case.summary is None:
        return
    said, when = case.summary, case.summary_at or case.shape.ended
    assert when is not None, "only what has ended has a summary"
    connection.execute(
        "INSERT INTO session_summaries (session_id, mechanic_id, findings, steps_taken, parts_needed, next_steps, "
        "submitted_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (case.id, case.shape.mechanic_id, said.findings, said.steps_taken, said.parts_needed, said.next_steps,
         stamp(when)),
    )  # fmt: skip


def _insert_events(connection: Connection, case: Case, now: str) -> None:
    """The events of its past, at the times they happened, and last that it was imported."""
    told = [*_story(case.shape), *_afterwards(case)]
    notes = f"{TOLD}; the mechanic's notes: {case.notes}" if case.notes else TOLD
    told = [*sorted(told, key=lambda event: event.at), _Told(Kind.IMPORTED, "system", None, now, notes[:2000])]
    entries = [Entry(case.id, e.kind, e.actor, e.mechanic_id, None, e.at, e.reason) for e in told]
    write_down(connection, entries)


def _story(shape: Shape) -> list[_Told]:
    """From intake to end."""
    him = shape.mechanic_id
    told = [_Told(Kind.CREATED, "customer", None, stamp(shape.created), TOLD)]
    if shape.accepted is not None:
        told.append(_Told(Kind.ACCEPTED, "mechanic", him, stamp(shape.accepted), _sure(shape, "accepted")))
    if shape.started is not None:
        at = stamp(shape.started)
        told.append(_Told(Kind.JOINED, "customer", None, at, TOLD))
        told.append(_Told(Kind.JOINED, "mechanic", him, at, TOLD))
        told.append(_Told(Kind.STARTED, "system", None, at, TOLD))
    if shape.ended is not None:
        by = shape.ended_by or "system"
        who: Any = him if by == "mechanic" else None
        told.append(_Told(Kind(str(shape.status)), by, who, stamp(shape.ended), _sure(shape, "ended")))
    return told


def _sure(shape: Shape, what: str) -> str:
    return UNSURE if what in shape.unsure else TOLD


def _afterwards(case: Case) -> list[_Told]:
    told = []
    ended = case.shape.ended
    if case.summary is not None and ended is not None:
        at = stamp(max(case.summary_at or ended, ended))
        told.append(_Told(Kind.SUMMARY_SUBMITTED, "mechanic", case.shape.mechanic_id, at, TOLD))
    if case.review is not None:
        told.append(_Told(Kind.RATED, "customer", None, stamp(case.review.at), TOLD))
    return told
