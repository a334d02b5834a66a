"""Whether what was answered is what the database says: nothing lost, nothing done twice, no "no" for what happened."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from mechtui.server.db.sqlite.connection import SqliteConnection
from tests.faults.order import Answer, Fact, disagreements
from tests.faults.process import said_in
from tests.simulation.ledger import NOT_SENT, TOO_LATE, Asked

_IN_ORDER = frozenset({"accept", "release", "end"})
_KINDS = {"join": "joined", "pass": "passed", "cancel": "cancelled"}
_UNJUDGED = "{} of {} by {} at ["


@dataclass(frozen=True)
class Book:
    """What a database holds of what happened: its log, and its stored answers in the order of their commits."""

    epoch: str
    facts: tuple[Fact, ...]
    stored: dict[str, int]
    bodies: dict[str, str]
    concerns: dict[str, list[str]]

    @classmethod
    def of(cls, reader: SqliteConnection) -> "Book":
        """Read it."""
        log = reader.execute("SELECT seq, session_id, kind, coalesce(mechanic_id, '') FROM events ORDER BY seq")
        facts = tuple(Fact(int(seq), str(session), str(kind), str(who)) for seq, session, kind, who in log)
        kept = [
            (str(key), str(body)) for key, body in reader.execute("SELECT key, body FROM idempotency ORDER BY rowid")
        ]
        stored = {key: n for n, (key, _) in enumerate(kept)}
        bodies = dict(kept)
        concerns: dict[str, list[str]] = {}
        for concern, session in reader.execute(
            "SELECT i.concern, s.id FROM intakes i JOIN sessions s ON s.intake_id = i.id ORDER BY s.id"
        ):
            concerns.setdefault(str(concern), []).append(str(session))
        epoch = str(reader.execute("SELECT epoch FROM feed_head").fetchall()[0][0])
        return cls(epoch, facts, stored, bodies, concerns)


def counting(asked: Iterable[Asked], book: Book, since: float) -> Iterator[Asked]:
    """What is to be judged by this book, whose history began anew at `since`.

    Of what was asked before that counts what the backup knows of. A late copy of a request may have been carried out
    a second time since then, with another answer: nobody was told that one.
    """
    for one in asked:
        stored = book.bodies.get(one.entry.key)
        if one.began >= since or (stored is not None and _told(one, stored)):
            yield one
        elif stored is not None:
            yield replace(one, ended=None, outcome="", status=0, said={})


def _told(one: Asked, stored: str) -> bool:
    said: dict[str, Any] = json.loads(stored)
    return said.items() <= one.said.items()


def wrong_answers(asked: Iterable[Asked], mechanics: dict[str, str], book: Book) -> Iterator[str]:
    """Every answer that is not so. `mechanics` are those of the terminals, by name; the desk is none.

    What was never answered (a write too old to be asked about, one that a restored backup forgot) may have happened
    or not.
    """
    wishes = list(asked)
    answers = list(_in_order(wishes, mechanics, book))
    unknown = {(one.verb, one.session, mechanics.get(one.who, "")) for one in wishes if _is_unknown(one)}
    allowed = tuple(_UNJUDGED.format(*one) for one in sorted(unknown))
    for words in disagreements(answers, book.facts):
        if not words.startswith(allowed):
            yield words
    for one in wishes:
        yield from _wrong(one, mechanics.get(one.who, ""), book)


def _is_unknown(one: Asked) -> bool:
    return one.ended is None or one.outcome == TOO_LATE


def _wrong(one: Asked, who: str, book: Book) -> Iterator[str]:
    if one.verb == "submit":
        made = book.concerns.get(_concern(one), [])
        wanted = [str(one.said["session"]["id"])] if one.status == 201 else []
        if (one.answered or one.outcome == NOT_SENT) and made != wanted:
            yield f"{one}: the database has {made}"
    elif one.answered and one.status == 200 and (kind := _KINDS.get(one.verb)):
        happened = {(fact.kind, fact.mechanic) for fact in book.facts if fact.session == one.session}
        if (kind, who) not in happened and (kind != "cancelled" or kind not in dict(happened)):
            yield f"{one}: it is not in the log"
    if one.status >= 500 or one.status in (400, 401, 422):
        yield f"{one}: nobody should be told that"


def _concern(one: Asked) -> str:
    return str(httpx.Response(200, text=one.entry.body).json()["concern"])


def _in_order(wishes: list[Asked], mechanics: dict[str, str], book: Book) -> Iterator[Answer]:
    ours = [one for one in wishes if one.verb in _IN_ORDER and one.who in mechanics]
    told = [one for one in ours if one.answered]
    done = sorted((one for one in ours if _was_done(one, book)), key=lambda one: book.stored[one.entry.key])
    idle = _idle(done, mechanics, book)
    ranks = _ranks([one for one in done if one.entry.key not in idle], mechanics)
    for one in told:
        assert one.ended is not None
        me, nth = mechanics[one.who], None
        said, of = said_in(httpx.Response(one.status, json=one.said))
        if one.entry.key in idle:
            said, of = ("over", "") if one.verb == "end" else ("taken", me)
        elif said == "done" and one.entry.key in book.stored:
            nth = ranks.get(one.entry.key)
        if said in {"done", "taken", "busy", "over"}:
            yield Answer(one.verb, me, one.session, one.began, one.ended, said, of, nth)


def _was_done(one: Asked, book: Book) -> bool:
    """Whether the database keeps a yes to it, whether or not that was ever heard."""
    stored = book.bodies.get(one.entry.key)
    return stored is not None and "code" not in json.loads(stored)


def _ranks(done: list[Asked], mechanics: dict[str, str]) -> dict[str, int]:
    """Of each that did something, by its key, which time it was; they are in the order they did it in."""
    times: dict[tuple[str, str, str], int] = {}
    ranks: dict[str, int] = {}
    for one in done:
        what = (one.verb, mechanics[one.who], one.session)
        ranks[one.entry.key] = times.get(what, 0)
        times[what] = ranks[one.entry.key] + 1
    return ranks


def _idle(yes: list[Asked], mechanics: dict[str, str], book: Book) -> set[str]:
    """The keys of those who were told yes since it was so already: accepted on another terminal, ended before."""
    ends = {(f.session, f.mechanic) for f in book.facts if f.mechanic and f.kind in ("completed", "cancelled")}
    holds: set[tuple[str, str]] = set()
    idle: set[str] = set()
    for one in yes:
        what = (one.session, mechanics[one.who])
        if (one.verb == "accept" and what in holds) or (one.verb == "end" and what not in ends):
            idle.add(one.entry.key)
        if one.verb == "accept":
            holds.add(what)
        elif one.verb == "release":
            holds.discard(what)
        else:
            ends.discard(what)
    return idle
