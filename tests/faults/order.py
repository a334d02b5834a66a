"""Whether all answers of a run could have been given by one mechanic's desk that does one thing at a time.

Strict serialisability: there is one order of everything, it agrees with the clock wherever one answer was there before
another was asked for, and every answer is right at its place in it. The feed's `seq` is that order for what happened;
a refusal happened nowhere, so some place must be found where it was the truth.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_FOR_EVER = 1 << 60
ENDS = frozenset({"completed", "cancelled", "expired"})


class Answer(NamedTuple):
    """What a mechanic was told of a wish, and the times between which it was carried out.

    `said` is `done`, `taken` (`of` is the holder), `busy` (`of` is the session he has) or `over`; nothing else is
    ever right. `nth` tells, where it is known, which of the times it was that he did this to this session, from 0.
    """

    wish: str
    mechanic: str
    session: str
    began: float
    ended: float
    said: str
    of: str = ""
    nth: int | None = None


class Fact(NamedTuple):
    """One event of the log."""

    seq: int
    session: str
    kind: str
    mechanic: str


class _Spans:
    """Stretches of the order, from one place to another, both within it."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def begin(self, seq: int) -> None:
        self._firsts.append(seq)
        self._lasts.append(_FOR_EVER)

    def end(self, seq: int) -> None:
        self._lasts[-1] = seq - 1

    def first_from(self, place: int) -> int | None:
        """The first place at or after this one that is within a stretch."""
        at = bisect_left(self._lasts, place)
        return None if at == len(self._lasts) else max(place, self._firsts[at])


@dataclass
class _History:
    """The log, made to be asked: who held what when, and which events an answer can have been of."""

    held: dict[tuple[str, str], _Spans] = field(default_factory=lambda: defaultdict(_Spans))
    over: dict[str, _Spans] = field(default_factory=lambda: defaultdict(_Spans))
    events: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    told: set[int] = field(default_factory=set)

    def take(self, fact: Fact, holder: dict[str, str]) -> None:
        self.events[_WISHES.get(fact.kind, fact.kind), fact.mechanic, fact.session].append(fact.seq)
        if fact.kind == "accepted":
            holder[fact.session] = fact.mechanic
            self.held[fact.session, fact.mechanic].begin(fact.seq)
        elif fact.kind == "released" or fact.kind in ENDS:
            before = holder.pop(fact.session, None)
            if before is not None:
                self.held[fact.session, before].end(fact.seq)
        if fact.kind in ENDS:
            self.over[fact.session].begin(fact.seq)

    def truth(self, answer: Answer) -> _Spans:
        """Where in the order a refusal was the truth."""
        match answer.said:
            case "taken":
                return self.held[answer.session, answer.of]
            case "busy":
                return self.held[answer.of, answer.mechanic]
            case "over":
                return self.over[answer.session]
        return _Spans()


_WISHES = {"accepted": "accept", "released": "release", "completed": "end", "cancelled": "end"}


def disagreements(answers: Iterable[Answer], facts: Iterable[Fact]) -> list[str]:
    """What was answered that no order allows; nothing when there is one."""
    history, holder = _History(), dict[str, str]()
    for fact in sorted(facts):
        history.take(fact, holder)
    wrong: list[str] = []
    by_begin = sorted(answers, key=lambda answer: answer.began)
    by_end = sorted(range(len(by_begin)), key=lambda n: by_begin[n].ended)
    places: list[int] = []
    passed = least = 0
    for answer in by_begin:
        while by_begin[by_end[passed]].ended < answer.began:
            least = max(least, places[by_end[passed]])
            passed += 1
        place = _place(history, answer, least)
        if place is None:
            wrong.append(f"{answer}: never so after {least}")
        places.append(least if place is None else place)
    return wrong + _unexplained(history)


def _place(history: _History, answer: Answer, least: int) -> int | None:
    if answer.said != "done":
        return history.truth(answer).first_from(least)
    seqs = history.events[answer.wish, answer.mechanic, answer.session]
    untold = [seq for seq in seqs if seq not in history.told]
    nth = untold[:1] if answer.nth is None else seqs[answer.nth : answer.nth + 1]
    history.told.update(nth)
    return nth[0] if nth and nth[0] > least else None


def _unexplained(history: _History) -> list[str]:
    """What mechanics did in the log and nobody was told of."""
    untold = {what: [seq for seq in seqs if seq not in history.told] for what, seqs in history.events.items()}
    return [
        f"{wish} of {session} by {mechanic} at {seqs}: nobody was told"
        for (wish, mechanic, session), seqs in untold.items()
        if seqs and mechanic and wish in _WISHES.values()
    ]
