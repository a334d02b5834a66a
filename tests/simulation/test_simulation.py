"""Whole shops in virtual time, through all that can go wrong, seed by seed; and bugs that must not get through."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from mechtui.models import Code
from tests.faults import LARGE
from tests.faults.tally import Tally
from tests.simulation.planted import BUGS
from tests.simulation.run import Shop, simulate
from tests.simulation.world import World

SEEDS, PARTS = (1_000, 50) if LARGE else (24, 4)
BUG_SEEDS = range(1, 13)
"""A bug must be caught by one of these."""
LAST_LINES = 40


def told(world: World) -> str:
    """What was wrong, the end of what happened, and how to see all of it."""
    return "\n".join(
        [*world.trace()[-LAST_LINES:], *world.wrong, f"the whole run: python -m tests.simulation {world.seed}"]
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_is_kept_whatever_goes_wrong(part: int, tally: Tally) -> None:
    for seed in range(part, SEEDS, PARTS):
        world, _ = simulate(seed)
        assert not world.wrong, told(world)
        tally.add("whole shops in virtual time", seeds=1)
        tally.progress(seed // PARTS + 1, SEEDS // PARTS)


def test_a_seed_is_a_run() -> None:
    """The same seed again, in the same process: the same run, to the last frame."""
    once, again = simulate(5)[0].trace(), simulate(5)[0].trace()
    assert len(once) > 400
    assert once == again


def test_a_seed_is_a_run_in_every_process() -> None:
    """Not even the order of sets may decide anything."""
    runs = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "3"],
            env=os.environ | {"PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for hashes in ("1", "2")
    ]
    assert runs[0].count("\n") > 400
    assert runs[0] == runs[1]


def test_a_run_is_worth_its_time() -> None:
    """Wishes are granted and refused, unknown and settled, while all kinds of trouble come."""
    shops = [simulate(seed)[1] for seed in range(6)]
    answers = [asked for shop in shops for asked in shop.ledger.asked.values()]
    assert sum(asked.status in (200, 201) for asked in answers) > 200
    codes = {asked.said.get("code") for asked in answers}
    assert {Code.ALREADY_TAKEN, Code.MECHANIC_HAS_ACTIVE_SESSION, Code.CUSTOMER_HAS_OPEN_SESSION} <= codes
    assert all(shop.monitor.looks > 500 for shop in shops)
    assert sum(len(shop.host.nodes) for shop in shops) > 12, "the backend hardly ever ended"
    assert any(len(terminal.nodes) > 1 for shop in shops for terminal in shop.terminals)


Bug = Callable[[], AbstractContextManager[None]]


@pytest.mark.planted
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    with bug():
        assert any(_caught(*simulate(seed)) for seed in BUG_SEEDS)


def _caught(world: World, _: Shop) -> bool:
    return bool(world.wrong)
