"""A tree as a test of a session. Pure. Says the same as `mechtui.server.db.search`; a test holds both to that."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mechtui.models import ACTIVE, NOT_HIS, HistoryRow, Session, Status
from mechtui.search.days import moment
from mechtui.search.tree import All, Among, Any, Between, Flag, Leaf, Match, Node, Not, Words, leaves
from mechtui.text import fold

LETTER = "0-9a-z\u00c0-\u1fff\u2c00-\U0010ffff"
"""What a word is made of, once folded, as the inside of a character class."""

Predicate = Callable[[Session], bool]

_MILLISECOND = timedelta(milliseconds=1)
_YEAR = re.compile("[0-9]{4}")


def narrows(new: Node, old: Node) -> bool:
    """Whether all that meets `new` is sure to meet `old`: another word, or a longer one."""
    parts = new.parts if isinstance(new, All) else (new,)
    return all(any(_narrows(part, was) for part in parts) for was in (old.parts if isinstance(old, All) else (old,)))


def _narrows(new: Node, old: Node) -> bool:
    if isinstance(new, Words) and isinstance(old, Words) and Match.INSIDE is new.match is old.match:
        return new.field == old.field and fold(old.text) in fold(new.text)
    return new == old


def moves_with_time(node: Node) -> bool:
    """Whether a session may come to meet the tree, or cease to, while nothing happens to it."""
    return any(isinstance(leaf, Between) and leaf.field in {"wait", "length"} for leaf in leaves(node))


def standing(session: Session) -> tuple[str, ...]:
    """How a session stands for its viewer, in all the words there are for it."""
    if isinstance(session, HistoryRow) and session.outcome in NOT_HIS:
        return (session.outcome,)
    return (session.status, "active") if session.status in ACTIVE else (session.status,)


def waited(session: Session, now: datetime) -> timedelta | None:
    """How long a request waited for a mechanic, or has by now; not known of one that was given back."""
    if isinstance(session, HistoryRow) and session.outcome in NOT_HIS:
        return None
    over = session.ended_at if session.status != Status.PENDING else None
    return (session.accepted_at or over or now) - session.created_at


def ran(session: Session, now: datetime) -> timedelta | None:
    """How long a session ran, or has by now; nothing when it never started."""
    return None if session.started_at is None else (session.ended_at or now) - session.started_at


def searchable(session: Session) -> str:
    """All text of a session that words are looked for in, folded; a line break keeps the parts apart.

    As the backend keeps it. Contact details are not among it.
    """
    car = session.vehicle
    parts = (session.customer_name, car.label, car.plate, car.vin, session.concern)
    return fold("\n".join(part for part in parts if part))


@dataclass(frozen=True)
class Viewer:
    """Who looks, and what time it is for him. `text` is `searchable`, or what was kept of it."""

    me: str
    now: Callable[[], datetime]
    text: Callable[[Session], str] = searchable


def predicate_of(node: Node, viewer: Viewer) -> Predicate:
    """The tree as a function that says whether a session meets it."""
    match node:
        case Not(part):
            inner = predicate_of(part, viewer)
            return lambda session: not inner(session)
        case All(parts):
            tests = [predicate_of(part, viewer) for part in parts]
            return lambda session: all(test(session) for test in tests)
        case Any(parts):
            tests = [predicate_of(part, viewer) for part in parts]
            return lambda session: any(test(session) for test in tests)
        case _:
            return _leaf(node, viewer)


def _leaf(leaf: Leaf, viewer: Viewer) -> Predicate:
    match leaf:
        case Words():
            return _words(leaf, viewer.text if leaf.field == "text" else TEXTS[leaf.field].of)
        case Among(field, values):
            if field == "type":
                return lambda session: session.type in values
            return lambda session: any(word in values for word in standing(session))
        case Between("date", low, high):
            return _dates(low, high)
        case Between(field, low, high):
            return _numbers(NUMBERS[field], low, high, viewer)
        case Flag(_, name):
            flag = FLAGS[name]
            return lambda session: flag(session, viewer.me)


def _words(leaf: Words, of: Callable[[Session], str]) -> Predicate:
    text = TEXTS[leaf.field]
    needle = text.fold(leaf.text)
    if text.running and leaf.match is not Match.INSIDE:
        end = f"(?![{LETTER}])" if leaf.match is Match.WHOLE else ""
        found = re.compile(f"(?<![{LETTER}]){re.escape(needle)}{end}").search
        return lambda session: found(of(session)) is not None
    match leaf.match:
        case Match.INSIDE:
            return lambda session: needle in of(session)
        case Match.START:
            return lambda session: of(session).startswith(needle)
        case Match.WHOLE:
            return lambda session: of(session) == needle


def _dates(low: int | None, high: int | None) -> Predicate:
    start, end = (None if at is None else moment(at) for at in (low, high))
    return lambda session: (start is None or session.created_at >= start) and (end is None or session.created_at < end)


def _numbers(number: "Number", low: int | None, high: int | None, viewer: Viewer) -> Predicate:
    def test(session: Session) -> bool:
        value = number(session, viewer.now())
        return value is not None and (low is None or value >= low) and (high is None or value < high)

    return test


# --- what each field is of a session --------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """The text of a field, folded. `running` text is made of words; other text is one thing."""

    of: Callable[[Session], str]
    fold: Callable[[str], str] = fold
    running: bool = False


def fold_plate(text: str) -> str:
    """A plate for comparing."""
    return fold(text).replace(" ", "").replace("-", "")


TEXTS = {
    "text": Text(searchable, running=True),
    "code": Text(lambda session: fold(session.concern), running=True),
    "name": Text(lambda session: fold(session.customer_name)),
    "vehicle": Text(lambda session: fold(session.vehicle.label)),
    "make": Text(lambda session: fold(session.vehicle.make or "")),
    "model": Text(lambda session: fold(session.vehicle.model or "")),
    "vin": Text(lambda session: fold(session.vehicle.vin or "")),
    "plan": Text(lambda session: fold(session.plan.name) if session.plan else ""),
    "plate": Text(lambda session: fold_plate(session.vehicle.plate or ""), fold_plate),
}

Number = Callable[[Session, datetime], int | None]


def _year(session: Session, _: datetime) -> int | None:
    year = session.vehicle.year or ""
    return int(year) if _YEAR.fullmatch(year) else None


def _minute_of_day(at: datetime) -> int:
    utc = at.astimezone(UTC)
    return utc.hour * 60 + utc.minute


def _milliseconds(length: timedelta | None) -> int | None:
    return None if length is None else length // _MILLISECOND


NUMBERS: dict[str, Number] = {
    "year": _year,
    "rating": lambda session, _: session.rating,
    "price": lambda session, _: session.plan.price_cents if session.plan else None,
    "wait": lambda session, now: _milliseconds(waited(session, now)),
    "length": lambda session, now: _milliseconds(ran(session, now)),
    "hour": lambda session, _: _minute_of_day(session.created_at),
}

FLAGS: dict[str, Callable[[Session, str], bool]] = {
    "urgent": lambda session, _: session.urgent,
    "mine": lambda session, me: session.mechanic is not None and session.mechanic.id == me,
    "taken": lambda session, me: session.mechanic is not None and session.mechanic.id != me,
    "open": lambda session, _: standing(session)[0] in {Status.PENDING, Status.WAITING, Status.LIVE},
    "live": lambda session, _: standing(session)[0] == Status.LIVE,
    "waiting": lambda session, _: standing(session)[0] == Status.WAITING,
    "expired": lambda session, _: standing(session)[0] == Status.EXPIRED,
    "unrated": lambda session, _: standing(session)[0] == Status.COMPLETED and session.rating is None,
    "files": lambda session, _: session.files_count > 0,
    "photos": lambda session, _: session.photos_count > 0,
    "summary": lambda session, _: session.has_summary,
    "rating": lambda session, _: session.rating is not None,
    "vin": lambda session, _: bool(session.vehicle.vin),
    "plate": lambda session, _: bool(session.vehicle.plate),
}
