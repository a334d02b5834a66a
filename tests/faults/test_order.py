"""The checker of answers itself: it lets every honest run pass, and finds each kind of lie."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.order import Answer, Fact, disagreements

MECHANICS = ("ann", "bob", "cem")
SESSIONS = ("s1", "s2", "s3", "s4", "s5")
_KINDS = {"accept": "accepted", "release": "released", "end": "completed"}


@dataclass
class Honest:
    """One thing after the other, answered truly, each at a moment of its own."""

    facts: list[Fact] = field(
        default_factory=lambda: [Fact(n, name, "created", "") for n, name in enumerate(SESSIONS, 1)]
    )
    holder: dict[str, str] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    told: list[tuple[float, Answer]] = field(default_factory=list)

    def step(self, at: float, chance: random.Random) -> None:
        me = chance.choice(MECHANICS)
        mine = next((name for name, who in self.holder.items() if who == me), None)
        if mine is not None and chance.random() < 0.6:
            self._done(at, chance.choice(("release", "release", "end")), me, mine)
        else:
            self._accept(at, me, chance.choice(SESSIONS), mine)

    def _accept(self, at: float, me: str, session: str, mine: str | None) -> None:
        if session == mine:
            return
        if session in self.over:
            self._refused(at, me, session, "over")
        elif session in self.holder:
            self._refused(at, me, session, "taken", self.holder[session])
        elif mine is not None:
            self._refused(at, me, session, "busy", mine)
        else:
            self._done(at, "accept", me, session)

    def _refused(self, at: float, me: str, session: str, said: str, of: str = "") -> None:
        self.told.append((at, Answer("accept", me, session, at, at, said, of)))

    def _done(self, at: float, wish: str, me: str, session: str) -> None:
        self.facts.append(Fact(len(self.facts) + 1, session, _KINDS[wish], me))
        self.told.append((at, Answer(wish, me, session, at, at, "done")))
        self.holder.pop(session, None)
        if wish == "accept":
            self.holder[session] = me
        if wish == "end":
            self.over.add(session)

    def stretched(self, chance: random.Random) -> list[Answer]:
        """The answers with times around their moments; a mechanic asks again only after he was answered."""
        stretched = []
        for me in MECHANICS:
            own = [(at, answer) for at, answer in self.told if answer.mechanic == me]
            for n, (at, answer) in enumerate(own):
                before = at - own[n - 1][0] if n else 9.0
                after = own[n + 1][0] - at if n + 1 < len(own) else 9.0
                began, ended = at - chance.uniform(0, before / 2.1), at + chance.uniform(0, after / 2.1)
                stretched.append(answer._replace(began=began, ended=ended))
        return stretched


def honest(seed: int, steps: int = 80) -> tuple[list[Answer], list[Fact], random.Random]:
    chance = random.Random(seed)
    run = Honest()
    for at in range(steps):
        run.step(float(at), chance)
    return run.stretched(chance), run.facts, chance


@given(st.integers(0, 10**9))
def test_what_was_answered_truly_passes(seed: int) -> None:
    answers, facts, chance = honest(seed)
    chance.shuffle(answers)
    assert disagreements(answers, facts) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_win_nobody_wrote_down_is_found(seed: int) -> None:
    answers, facts, _ = honest(seed)
    won = next(answer for answer in answers if (answer.wish, answer.said) == ("accept", "done"))
    gone = [
        fact for fact in facts if (fact.kind, fact.session, fact.mechanic) != ("accepted", won.session, won.mechanic)
    ]
    assert disagreements(answers, gone)


@pytest.mark.parametrize("seed", range(8))
def test_a_win_nobody_was_told_of_is_found(seed: int) -> None:
    answers, facts, _ = honest(seed)
    won = next(answer for answer in answers if (answer.wish, answer.said) == ("accept", "done"))
    assert disagreements([answer for answer in answers if answer != won], facts)


@pytest.mark.parametrize(
    "lie",
    [
        Answer("accept", "bob", "s1", 2.0, 2.5, "taken", "cem"),
        Answer("accept", "bob", "s1", 0.0, 0.1, "taken", "ann"),
        Answer("accept", "bob", "s1", 8.0, 8.5, "taken", "ann"),
        Answer("accept", "ann", "s2", 0.0, 0.1, "busy", "s1"),
        Answer("accept", "bob", "s1", 2.0, 2.5, "over"),
        Answer("accept", "bob", "s1", 2.0, 2.5, "done"),
    ],
    ids=[
        "another holder",
        "before he had it",
        "after he gave it back",
        "busy too early",
        "over too early",
        "two winners",
    ],
)
def test_a_lie_is_found(lie: Answer) -> None:
    facts = [Fact(1, "s1", "created", ""), Fact(2, "s1", "accepted", "ann"), Fact(3, "s1", "released", "ann")]
    truth = [
        Answer("accept", "ann", "s1", 1.0, 1.5, "done"), Answer("accept", "bob", "s1", 2.0, 2.5, "taken", "ann"),
        Answer("release", "ann", "s1", 3.0, 3.5, "done"),
    ]  # fmt: skip
    assert disagreements(truth, facts) == []
    assert disagreements([*truth, lie], facts)


def test_what_came_back_from_the_past_is_found() -> None:
    """Bob was told that Ann has it; whoever asks after that must not be told that nobody had taken it yet."""
    facts = [Fact(1, "s1", "accepted", "ann"), Fact(2, "s1", "released", "ann"), Fact(3, "s1", "accepted", "cem")]
    answers = [
        Answer("accept", "ann", "s1", 0.0, 9.0, "done"), Answer("accept", "cem", "s1", 4.0, 5.0, "done"),
        Answer("release", "ann", "s1", 9.5, 9.9, "done"),
    ]  # fmt: skip
    assert len(disagreements(answers, facts)) == 1
