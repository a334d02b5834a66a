"""What a query finds among the rows of a terminal."""

from datetime import timedelta, timezone

import pytest

from mechtui.models import Session
from mechtui.search.days import Today
from mechtui.search.predicate import Viewer, predicate_of
from mechtui.search.syntax import parse
from tests.dashboard.support import BMW, CAMRY, HISTORY, KIA, ME, MINE, NOW, SAM, taken

HERE = Today(NOW, timezone(timedelta(hours=-8)))
VIEWER = Viewer(ME.id, lambda: NOW)


def found(text: str, *rows: Session) -> list[str]:
    meets = predicate_of(parse(text, HERE).tree, VIEWER)
    return [row.id for row in rows if meets(row)]


@pytest.mark.parametrize(
    "text", ["lindqvist", "ASA", "bmw 3rd", "chat", "today", "2026-01-22 bat", "-video", "nope or 750i"]
)
def test_rows_are_found_without_case_and_accents(text: str) -> None:
    assert found(text, BMW) == ["r-bmw"]


@pytest.mark.parametrize(
    "text", ["bmw video", "yesterday", "bmw xyz", "555-0142", "-bmw", "name:bmw", "attery*", "year:2011"]
)
def test_what_does_not_match_is_not_found(text: str) -> None:
    row = BMW.model_copy(update={"vehicle": BMW.vehicle.model_copy(update={"year": None})})
    assert found(text, row) == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("hkxju123", ["r-camry"]),
        ("vin:4t1*", ["r-camry"]),
        ('plate:"8 abc-123"', ["r-camry"]),
        ("make:toy", ["r-camry"]),
        ("make:=toy", []),
        ("code:P1326", ["r-kia"]),
        ("code:P132", ["r-kia"]),
        ("is:urgent", ["r-camry"]),
        ("wait:>4m -is:urgent", ["r-kia"]),
        ("wait:>=1h", []),
        ("price:<=10", ["r-bmw"]),
        ("has:files or type:chat", ["r-camry", "r-bmw"]),
        ("year:2015..2018", ["r-camry", "r-kia"]),
    ],
)
def test_fields_find_requests(text: str, ids: list[str]) -> None:
    assert found(text, CAMRY, KIA, BMW) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("status:active", ["s-mine"]),
        ("status:live", ["s-mine"]),
        ("status:released", ["h-2"]),
        ("status:cancelled", ["h-1"]),
        ("is:unrated", ["c-3"]),
        ("rating:>=4", ["c-1"]),
        ("-rating:>=4 status:completed", ["c-2", "c-3"]),
        ("length:>10m", ["s-mine", "c-1", "c-3"]),
        ("-is:mine", ["h-2"]),
        ("has:summary", ["c-1"]),
    ],
)
def test_history_is_searched_by_how_it_went_for_him(text: str, ids: list[str]) -> None:
    assert found(text, *HISTORY) == ids


def test_what_another_has_taken_is_found_while_it_leaves() -> None:
    assert found("is:taken", CAMRY, taken(KIA, by=SAM), MINE) == ["r-kia"]
