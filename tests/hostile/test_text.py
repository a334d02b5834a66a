"""`SafeText` itself: what can never be in it, what it leaves alone, and that no field of a model gets past it."""

import types
import typing
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from mechtui import models
from mechtui.models import Answer
from mechtui.text import BLOCK_LIMIT, LINE_LIMIT, SafeText, safe_model
from tests.hostile.corpus import MARKUP, PAYLOADS, Payload

REFUSED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NASTY = "\x1b[2J\u202e\u200b\x9b\x00\U000e0041"

hostile = st.one_of(
    st.text(),
    st.text(st.sampled_from("ab \t\r\n\x1b[]\x9b\x07\u0301\u200d\ufe0f\u202e\u2028漢👩🇩\ud800\ue000")),
    st.lists(st.sampled_from([payload.text for payload in PAYLOADS if len(payload.text) < 3000])).map("".join),
)


def unsafe_in(text: str, allowed: str = "") -> set[str]:
    return {c for c in text if unicodedata.category(c) in REFUSED and c not in allowed}


@given(hostile)
def test_a_line_has_nothing_in_it_that_acts(text: str) -> None:
    line = SafeText(text)
    assert unsafe_in(line) == set()
    assert len(line) <= LINE_LIMIT


@given(hostile)
def test_a_block_has_nothing_but_line_breaks(text: str) -> None:
    block = SafeText.block(text)
    assert unsafe_in(block, "\n") == set()
    assert len(block) <= BLOCK_LIMIT


@given(hostile)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    line, block = SafeText(text), SafeText.block(text)
    assert SafeText(str(line)) == line
    assert SafeText.block(str(block)) == block


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=LINE_LIMIT))
def test_plain_ascii_is_left_alone(text: str) -> None:
    assert SafeText(text) == text
    assert SafeText.block(text) == text


@given(st.characters(min_codepoint=0x300, max_codepoint=0x36F), st.integers(0, 2000))
def test_no_letter_carries_a_tower_of_marks(mark: str, height: int) -> None:
    shown = SafeText("z" + mark * height)
    assert len(unicodedata.normalize("NFD", shown)) <= 1 + 2 * 4


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_the_marker_of_every_payload_can_still_be_read(payload: Payload) -> None:
    for shown in (SafeText(payload.text), SafeText.block(payload.text)):
        assert payload.marker in shown
        assert not payload.acts or payload.text not in shown


@pytest.mark.parametrize("payload", [p for p in PAYLOADS if p.name in MARKUP], ids=lambda payload: payload.name)
def test_markup_is_only_text(payload: Payload) -> None:
    assert SafeText(payload.text) == payload.text


def test_a_look_alike_of_another_line_cannot_be_made() -> None:
    assert SafeText("Jo\r LIVE") != " LIVE"
    assert "\n" not in SafeText("Jo\nACCEPTED by you")


# --- every field of every model ------------------------------------------------------------------------------------

ANSWERS = [
    model
    for model in vars(models).values()
    if isinstance(model, type) and issubclass(model, Answer) and model not in {Answer, models.Page}
]
ANSWERS += [models.Page[models.Session], models.Page[models.HistoryRow]]


def filled(kind: Any) -> Any:
    """A value of this type with `NASTY` wherever a text may stand."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return filled(next(one for one in inside if one is not type(None)))
    if origin is typing.Literal:
        return inside[0]
    if origin is tuple:
        return (filled(inside[0]),)
    if origin is dict:
        return {NASTY: filled(inside[1])}
    return _plain(kind)


def _plain(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind.model_construct(**{name: filled(field.annotation) for name, field in kind.model_fields.items()})
    if kind in (str, Any):
        return NASTY
    return {int: 1, float: 1.0, bool: True, datetime: datetime(2026, 1, 1, tzinfo=UTC)}[kind]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    match value:
        case str() if not isinstance(value, Enum):
            yield value
        case BaseModel():
            for name in type(value).model_fields:
                yield from texts(getattr(value, name))
        case Mapping():
            for key, item in value.items():
                yield from texts(key)
                yield from texts(item)
        case tuple() | list():
            for item in value:
                yield from texts(item)


@pytest.mark.parametrize("model", ANSWERS, ids=lambda model: model.__name__)
def test_every_text_of_every_answer_is_cleaned(model: type[Answer]) -> None:
    unsafe = filled(model)
    safe = safe_model(unsafe)
    assert [type(text) for text in texts(safe)] == [SafeText for _ in texts(unsafe)]
    assert [text for text in texts(safe) if unsafe_in(text)] == []


def test_the_walk_fills_every_text_there_is() -> None:
    """The test above would prove nothing if it made models without texts."""
    assert NASTY in set(texts(filled(models.SessionDetail)))
    assert len(list(texts(filled(models.Intake)))) > 12
