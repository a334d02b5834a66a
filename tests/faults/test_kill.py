"""The backend is killed in the middle of its work, again and again, while mechanics accept and end. On both engines."""

import pytest

from tests.engines import kind_of
from tests.faults import LARGE
from tests.faults.load import MECHANICS, Load, at_work, under_blows
from tests.faults.process import BackendProcess
from tests.faults.tally import Tally

KILLS = 200 if LARGE else 20
PAUSE = (0.05, 0.3)


async def run_under_kills(backend: BackendProcess, kills: int, seed: int, tally: Tally) -> Load:
    """Kill and restart the backend `kills` times under load; returns what the shop was told."""

    async def blow() -> None:
        backend.kill()
        await backend.start()

    async with at_work([backend], seed) as load:
        await under_blows(load, blow, kills, tally, PAUSE)
    return load


async def test_nothing_acknowledged_is_lost(database: str, tally: Tally) -> None:
    with BackendProcess(database, MECHANICS) as backend:
        load = await run_under_kills(backend, KILLS, 1, tally)
    assert load.wrong(database) == []
    assert load.won > KILLS
    assert load.wishes.repeated > KILLS / 2, "few writes were cut off: the kills proved little"
    load.count(tally, f"kill -9 of the backend, {kind_of(database)}", kills=KILLS)


@pytest.mark.planted
@pytest.mark.parametrize("bug", ["answer-before-commit", "forget-answers"])
async def test_the_kills_catch_a_planted_bug(database: str, bug: str, tally: Tally) -> None:
    with BackendProcess(database, MECHANICS, bug=bug) as backend:
        load = await run_under_kills(backend, 8, 2, tally)
    assert load.wrong(database) != []
