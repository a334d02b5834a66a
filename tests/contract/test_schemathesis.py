"""Thousands of requests made by schemathesis, with every kind of token: none fails, each is answered as was told."""

import asyncio
import contextlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.contract.asker import NEWCOMER_EVERY, Asker, answer_of, asker
from tests.contract.generated import Case, aim, as_asked, every_case, prepared, wrong
from tests.contract.plants import PLANTS, Plant
from tests.faults import LARGE
from tests.faults.tally import Tally

CASES = 5_000
SEEDS = range(40 if LARGE else 1)
PLANTED_CASES = 2_000


@pytest.fixture(autouse=True)
def _by_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """hypothesis also draws what stands in whichever modules are there: run alone, a test would ask something else."""
    monkeypatch.setattr(providers, "_get_local_constants", Constants)
    providers.CONSTANTS_CACHE.cache.clear()


class _Wrong(BaseException):
    """An answer is wrong. Not an `Exception`: hypothesis would ask again, of a backend that has gone on since."""


@dataclass
class Questioning:
    """One case after the other; up to the first wrong answer."""

    asking: Asker
    loop: asyncio.AbstractEventLoop
    wrong: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)

    def ask(self, case: Case) -> None:
        if self.asked.total() % NEWCOMER_EVERY == 0:
            self.loop.run_until_complete(self.asking.somebody_comes())
        aim(case, self.asking)
        request = prepared(case, self.asking.token(case.path))
        answer = self.loop.run_until_complete(answer_of(self.asking.backend, as_asked(request)))
        self.asked[case.operation.label] += 1
        self.answered[answer.status] += 1
        self.wrong = wrong(case, request, answer)
        if self.wrong:
            raise _Wrong


def questioned(path: Path, number: int, cases: int, tally: Tally | None = None) -> Questioning:
    """A backend that was asked so much, the same for the same number. In a loop of its own: hypothesis knows none."""
    with asyncio.Runner() as runner:
        lifetime = asker(path, number)
        it = Questioning(runner.run(lifetime.__aenter__()), runner.get_loop())

        @seed(number)
        @settings(
            max_examples=cases,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(every_case(json.dumps(it.asking.openapi)), st.integers())
        def ask(case: Case, _: int) -> None:
            """Thanks to the number, a route without parameters can be asked more than once."""
            it.ask(case)
            if tally is not None:
                tally.progress(it.asked.total(), cases)

        with contextlib.suppress(_Wrong):
            ask()
        runner.run(lifetime.__aexit__(None, None, None))
    return it


@pytest.mark.parametrize("number", SEEDS)
def test_whatever_is_made_of_the_description_is_answered_as_told(tmp_path: Path, tally: Tally, number: int) -> None:
    it = questioned(tmp_path, number, CASES, tally)
    assert not it.wrong, it.wrong
    assert it.asked.total() == CASES
    assert set(it.asked) == {f"{method.upper()} {path}" for method, path in it.asking.routes}
    assert {200, 201, 400, 401, 403, 404, 409, 422} <= set(it.answered), it.answered
    tally.add("requests made by schemathesis", seeds=1, answers_checked=CASES)


@pytest.mark.planted
@pytest.mark.parametrize("plant", PLANTS)
def test_what_is_planted_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    assert questioned(tmp_path, 0, PLANTED_CASES).wrong
