"""What of a row is marked as the reason that it was found."""

from datetime import UTC, datetime

import pytest

from mechtui.cells import Look, cells
from mechtui.columns import layout
from mechtui.facts import preview_lines
from mechtui.formatting import width_of
from mechtui.models import Session
from mechtui.rows import Tab
from mechtui.search.days import Today
from mechtui.search.marks import marks_of, spans_of
from mechtui.search.predicate import Viewer
from mechtui.search.syntax import parse
from tests.dashboard.support import BMW, CAMRY, HISTORY, KIA, ME, NOW, request

TODAY = Today(datetime(2026, 1, 22, 18, tzinfo=UTC), UTC)

VIEWER = Viewer(ME.id, lambda: NOW)


def look(text: str) -> Look:
    return Look(now=NOW, zone=UTC, me=ME.id, marks=marks_of(parse(text, TODAY).tree, VIEWER))


def marked(text: str, row: Session, tab: Tab = Tab.INCOMING, width: int = 80) -> list[str]:
    line = cells(tab, row, layout(tab, width), look(text))
    assert width_of(line) <= width
    return [piece.text for piece in line if piece.tone == "match"]


@pytest.mark.parametrize(
    ("text", "row", "found"),
    [
        ("camry", CAMRY, ["Camry"]),
        ("a", BMW, ["a", "a"]),
        ("camry or chat", CAMRY, ["Camry"]),
        ("make:toyota", CAMRY, ["Toyota"]),
        ("year:2018", CAMRY, ["18"]),
        ("video is:urgent", CAMRY, ["!!!", "Video"]),
        ("-toyota stalls", CAMRY, ["STALLS"]),
        ("code:P1326", KIA, ["P1326"]),
        ("code:P13", KIA, ["P13"]),
        ("wait:>1m", KIA, ["4:12"]),
        ("price:>20", CAMRY, ["45m $29.99"]),
        ("camry or kia", KIA, ["Kia"]),
    ],
)
def test_what_was_looked_for_is_marked(text: str, row: Session, found: list[str]) -> None:
    assert marked(text, row) == found


def test_accents_are_marked_with_their_letters() -> None:
    assert marked("asa lindq", HISTORY[0], Tab.HISTORY) == []
    named = HISTORY[0].model_copy(update={"customer_name": "A\u030asa Lindqvist"})
    assert marked("åsa", named, Tab.HISTORY, 120) == ["A\u030asa"]


def test_how_it_went_is_marked_in_history() -> None:
    assert marked("status:completed rating:>4", HISTORY[1], Tab.HISTORY) == ["completed"]


def test_a_match_far_back_in_the_concern_is_brought_into_sight() -> None:
    row = request("r-1", "J. Doe", "2018 Toyota Camry", "It makes a noise. " * 9 + "Rattles when cold.")
    assert marked("rattles", row) == ["Rattles"]


def test_the_preview_is_marked_too() -> None:
    lines = preview_lines(CAMRY, look("rough plate:8abc-123 vin:jU123*"), 78)
    assert [p.text for line in lines for p in line if p.tone == "match"] == ["Rough", "8ABC123"]
    assert [p.text for line in preview_lines(CAMRY, look(""), 78) for p in line if p.tone == "match"] == []


@pytest.mark.parametrize(
    ("needle", "text", "found"),
    [
        ("strasse", "Die Straße", ["Straße"]),
        ("fi", "ﬁsch", ["ﬁ"]),
        ("i", "İi", ["İ", "i"]),
        ("e", "e\u0301e", ["e\u0301", "e"]),
    ],
)
def test_marks_fall_on_whole_characters(needle: str, text: str, found: list[str]) -> None:
    pattern = marks_of(parse(f'"{needle}"', TODAY).tree, VIEWER).anywhere
    assert pattern is not None
    assert [text[start:end] for start, end in spans_of(pattern, text)] == found
