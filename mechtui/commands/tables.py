"""The lists and the sessions as text for people. Nothing is printed that is not safe."""

from collections.abc import Callable, Sequence
from datetime import datetime

from mechtui.clock import Clock
from mechtui.commands.output import Column, print_block, print_table
from mechtui.formatting import ago, compact, day_and_time, money, one_line, span, type_name, vehicle_short
from mechtui.models import HistoryRow, Intake, Page, Session, SessionDetail, TimelineEvent
from mechtui.text import SafeText, safe_model

Cell = Callable[[Session, datetime], str]

_EMPTY = {
    "incoming": "No open requests.",
    "active": "No active session. Take a request with: mechtui next",
    "completed": "No completed sessions.",
    "history": "No requests you had a hand in.",
}


def print_rows(which: str, page: Page[Session]) -> None:
    """The rows of a list as a table, or that there are none. Times are told against the backend's clock."""
    if not page.items:
        print(_EMPTY[which] if page.total == 0 else "None that match.")
        return
    columns = _LISTS[which]
    rows = [safe_model(row) for row in page.items]
    print_table(
        [column for column, _ in columns],
        [[SafeText(cell(row, page.server_now)) for _, cell in columns] for row in rows],
    )


def print_state(session: Session) -> None:
    """One session and how it stands, in one line."""
    row = safe_model(session)
    print(f"{row.id}  {row.status}  {type_name(row.type)}  {row.customer_name}  {vehicle_short(row.vehicle)}")


def print_session(detail: SessionDetail, intake: Intake) -> None:
    """All there is to know of one session."""
    safe, filled_in = safe_model(detail), safe_model(intake)
    print_block([*_state_pairs(safe), *_intake_pairs(filled_in)])
    if safe.events:
        print()
        print_table([Column("WHEN"), Column("WHAT"), Column("WHO"), Column("WHY")], map(_event_cells, safe.events))


def _state_pairs(detail: SessionDetail) -> list[tuple[str, SafeText]]:
    session = detail.session
    plan = session.plan
    pairs = [
        ("id", session.id),
        ("type", type_name(session.type)),
        ("status", session.status),
        ("urgent", "yes" if session.urgent else ""),
        ("page", session.url or ""),
        ("mechanic", session.mechanic.name if session.mechanic else ""),
        ("plan", f"{plan.name}, {plan.minutes} min, {money(plan.price_cents)}" if plan else ""),
        ("requested", _when(session.created_at)),
        ("rating", f"{session.rating} of 5" if session.rating else ""),
        ("comment", (detail.review.comment or "") if detail.review else ""),
    ]
    return [(name, SafeText.block(value)) for name, value in pairs]


def _intake_pairs(intake: Intake) -> list[tuple[str, SafeText]]:
    contact = "shown once you have accepted" if intake.contact_hidden else ""
    vehicle = " ".join(part for part in (intake.year, intake.make, intake.model) if part)
    drivable = {True: "yes", False: "no", None: ""}[intake.drivable]
    pairs = [
        ("customer", intake.name),
        ("e-mail", intake.email or contact),
        ("phone", intake.phone or contact),
        ("city", intake.city or ""),
        ("vehicle", vehicle),
        ("VIN", intake.vin or ""),
        ("plate", intake.plate or ""),
        ("odometer", intake.odometer or ""),
        ("drivable", drivable),
        ("concern", intake.concern),
        ("history", "\n".join(intake.history)),
        ("files", "\n".join(f"{file.name}, {file.bytes:,} bytes, id {file.id}" for file in intake.files)),
    ]
    return [(name, SafeText.block(value)) for name, value in pairs]


def _event_cells(event: TimelineEvent) -> Sequence[SafeText]:
    who = event.mechanic.name if event.mechanic else event.actor
    return [SafeText(text) for text in (_when(event.at), event.kind, who, one_line(event.reason or ""))]


def _when(at: datetime) -> str:
    return day_and_time(at, Clock().zone)


def _left(session: Session, now: datetime) -> str:
    return compact((session.expires_at - now).total_seconds())


def _since(at: datetime | None, now: datetime) -> str:
    return "" if at is None else ago((now - at).total_seconds())


def _ran(session: Session) -> str:
    if session.started_at is None or session.ended_at is None:
        return ""
    return span((session.ended_at - session.started_at).total_seconds())


def _outcome(session: Session) -> str:
    return session.outcome if isinstance(session, HistoryRow) else session.status


_ID: tuple[Column, Cell] = (Column("ID"), lambda row, now: row.id)
_TYPE: tuple[Column, Cell] = (Column("TYPE"), lambda row, now: type_name(row.type))
_CASE: list[tuple[Column, Cell]] = [
    (Column("CUSTOMER"), lambda row, now: one_line(row.customer_name)),
    (Column("VEHICLE"), lambda row, now: vehicle_short(row.vehicle)),
    (Column("CONCERN"), lambda row, now: one_line(row.concern)),
]
_LISTS: dict[str, list[tuple[Column, Cell]]] = {
    "incoming": [
        _ID,
        (Column(""), lambda row, now: "URGENT" if row.urgent else ""),
        _TYPE,
        (Column("REQUESTED"), lambda row, now: _since(row.created_at, now)),
        (Column("LEFT", "right"), _left),
        *_CASE,
    ],
    "active": [
        _ID,
        _TYPE,
        (Column("STATUS"), lambda row, now: row.status),
        (Column("ACCEPTED"), lambda row, now: _since(row.accepted_at, now)),
        *_CASE,
    ],
    "completed": [
        _ID,
        _TYPE,
        (Column("ENDED"), lambda row, now: _since(row.ended_at, now)),
        (Column("RAN"), lambda row, now: _ran(row)),
        (Column("RATING"), lambda row, now: f"{row.rating} of 5" if row.rating else ""),
        *_CASE,
    ],
    "history": [
        _ID,
        _TYPE,
        (Column("REQUESTED"), lambda row, now: _when(row.created_at)),
        (Column("OUTCOME"), lambda row, now: _outcome(row)),
        *_CASE,
    ],
}
