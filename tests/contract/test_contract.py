"""Thousands of requests, right and wrong, with every kind of token: none makes it fail, each is answered as told."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fastapi.responses import Response

from mechtui.config import Rules, ServerSettings
from mechtui.search import syntax
from mechtui.server import wire
from mechtui.server.app import Backend
from mechtui.server.routes import mechanics
from tests.contract.asker import Asker
from tests.faults import LARGE
from tests.faults.tally import Tally
from tests.server.support import database_url

CASES = 5_000
SEEDS = range(40 if LARGE else 1)
PLANTED_CASES = 2_000
SHOWN = 5


@asynccontextmanager
async def asker(path: Path, seed: int) -> AsyncIterator[Asker]:
    """A backend in this process, without a line to it, and who asks."""
    settings = ServerSettings(database_url(path / "shop.db"), rules=Rules(completed_seconds=0))
    backend = Backend(settings, stop=lambda why: None)
    async with backend.http.router.lifespan_context(backend.http):
        yield Asker(backend, settings.database, Random(seed))


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


def a_failure(patch: pytest.MonkeyPatch) -> None:
    """Only of one kind of question."""
    usual = syntax.parse

    def fails(q: str, *more: Any) -> Any:
        return usual(q, *more) if "%" not in q else 1 // 0

    patch.setattr("mechtui.server.routes.mechanics.parse", fails)


def a_field_of_another_kind(patch: pytest.MonkeyPatch) -> None:
    _rewrite(patch, lambda told: told | {"name": 7} if "types" in told else told)


def a_field_less(patch: pytest.MonkeyPatch) -> None:
    _rewrite(patch, lambda told: {name: value for name, value in told.items() if name != "total"})


def a_status_nobody_was_told_of(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mechanics, "json_response", lambda value: Response(b"{}", 202, media_type="application/json"))


def _rewrite(patch: pytest.MonkeyPatch, rewritten: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    usual = wire.json_response
    patch.setattr(mechanics, "json_response", lambda value: usual(rewritten(json.loads(wire.to_json(value)))))


@pytest.mark.planted
@pytest.mark.parametrize("plant", [a_failure, a_field_of_another_kind, a_field_less, a_status_nobody_was_told_of])
async def test_what_is_planted_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    assert await wrong_answers(tmp_path, 0, PLANTED_CASES) != []
