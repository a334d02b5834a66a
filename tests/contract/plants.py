"""Backends with a bug in them: one route fails, or does not answer as it was told to."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.responses import Response

from mechtui.search import syntax
from mechtui.server import wire
from mechtui.server.routes import mechanics

Plant = Callable[[pytest.MonkeyPatch], None]


def a_failure(patch: pytest.MonkeyPatch) -> None:
    """Only of one kind of question."""
    usual = syntax.parse

    def fails(q: str, *more: Any) -> Any:
        return usual(q, *more) if q.isascii() else 1 // 0

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


PLANTS = (a_failure, a_field_of_another_kind, a_field_less, a_status_nobody_was_told_of)
