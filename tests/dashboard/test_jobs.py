"""The ten jobs done most need the keys that the docs name for them, and not one less."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mechtui.models import Accepted, Session
from mechtui.rows import Tab
from tests.tools.jobs import JOBS, Job, presses

from .support import CAMRY, KIA, MINE, OPEN, FakeClient, Shop, already_taken

Done = Callable[[Shop, Path], bool]


class OftenTooLate(FakeClient):
    """A client whose first accept is lost to a colleague."""

    async def accept(self, session_id: str) -> Accepted:
        if session_id == CAMRY.id:
            raise already_taken()
        return await super().accept(session_id)


def taken(shop: Shop, _: Path) -> bool:
    return shop.opener.opened == [f"http://shop.test:8420/video/{CAMRY.id}"] and ("join", CAMRY.id) in shop.client.asked


def was_read(shop: Shop, _: Path) -> bool:
    return shop.feed.read == [CAMRY.id, None] and shop.app.screen is shop.app.dashboard and not shop.client.asked[1:]


def found(shop: Shop, _: Path) -> bool:
    query = 'date:2026-01-12T00:00:00.000Z..2026-01-18T23:59:59.999Z make:"ford" code:P0420'
    return shop.client.filters[-1].get("q") == query and not shop.app.dashboard.has_class("searching")


def summarized(shop: Shop, _: Path) -> bool:
    summary = shop.client.summaries.get(MINE.id)
    return summary is not None and summary.next_steps == "Replace the strap." and shop.store.count(Tab.ACTIVE) == 0


def saved(ending: str) -> Done:
    return lambda _, folder: [path.suffix for path in folder.iterdir()] == [ending]


DONE: dict[str, Done] = {
    "take": taken,
    "read": was_read,
    "next": lambda shop, _: ("accept", KIA.id) in shop.client.asked,
    "before": lambda shop, _: "4 earlier" in shop.screen_text,
    "end": summarized,
    "report": saved(".pdf"),
    "find": found,
    "pass": lambda shop, _: ("unpass", CAMRY.id) in shop.client.asked and shop.store.count(Tab.INCOMING) == len(OPEN),
    "month": lambda shop, _: "the last 30 days" in shop.screen_text and "BY TYPE" in shop.screen_text,
    "export": saved(".csv"),
}


def rows_for(job: Job) -> tuple[Session, ...]:
    return (MINE,) if job.begins == "Active" else OPEN


@pytest.mark.parametrize("job", JOBS, ids=[job.id for job in JOBS])
async def test_job_needs_these_keys(job: Job, tmp_path: Path) -> None:
    done, rows = DONE[job.id], rows_for(job)
    client = OftenTooLate(rows={row.id: row for row in rows}) if job.id == "next" else None
    shop = Shop(*rows, browser=True, client=client, downloads=tmp_path)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        *keys, last = presses(job.steps)
        for key in keys:
            await pilot.press(key)
            await shop.ready(pilot)
            shop.time.forward(1)
        assert not done(shop, tmp_path)
        await pilot.press(last)
        await shop.until(pilot, lambda: done(shop, tmp_path), job.name)


def test_there_are_ten() -> None:
    assert len(JOBS) == len({job.id for job in JOBS}) == len(DONE) == 10
