"""Thousands of requests, right and wrong, with every kind of token: none makes it fail, each is answered as told."""

from pathlib import Path

import pytest

from tests.contract.asker import asker
from tests.contract.plants import PLANTS, Plant
from tests.faults import LARGE
from tests.faults.tally import Tally

CASES = 5_000 if LARGE else 1_500
SEEDS = range(40 if LARGE else 1)
PLANTED_CASES = 2_000
SHOWN = 5


async def wrong_answers(path: Path, seed: int, cases: int, tally: Tally | None = None) -> list[str]:
    """The first few wrong answers to so many questions."""
    async with asker(path, seed) as asking:
        wrong: list[str] = []
        for number in range(cases):
            wrong += await asking.ask(number)
            if tally is not None:
                tally.progress(number, cases, wrong=len(wrong))
            if len(wrong) >= SHOWN:
                break
        else:
            assert {200, 201, 400, 401, 403, 404, 405, 409, 422, 426} <= set(asking.counted), asking.counted
        return wrong[:SHOWN]


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_answer_is_as_it_was_told_to_be(tmp_path: Path, tally: Tally, seed: int) -> None:
    assert await wrong_answers(tmp_path, seed, CASES, tally) == []
    tally.add("requests of every shape", seeds=1, answers_checked=CASES)


@pytest.mark.planted
@pytest.mark.parametrize("plant", PLANTS)
async def test_what_is_planted_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    assert await wrong_answers(tmp_path, 0, PLANTED_CASES) != []
