"""The two readers of a query agree: what the backend finds is what the terminal would keep."""

from datetime import timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechtui.models import NOT_HIS
from mechtui.search.days import Today
from mechtui.search.predicate import Viewer, narrows, predicate_of
from mechtui.search.render import render
from mechtui.search.syntax import SENT, parse
from tests.faults import LARGE
from tests.search.queries import queries
from tests.search.shop import LISTS, ME, NOW, ShopOf

HERE = Today(NOW, timezone(timedelta(hours=-8)))
THERE = Today(NOW + timedelta(days=3), timezone(timedelta(hours=5)))
VIEWER = Viewer(ME, lambda: NOW)


@settings(max_examples=10_000 if LARGE else 500, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=queries, seed=st.integers(0, 4), which=st.sampled_from(sorted(LISTS)))
def test_terminal_and_backend_find_the_same(shop_of: ShopOf, text: str, seed: int, which: str) -> None:
    """The backend is in another zone, on another day, and gets the query as it is sent."""
    tree = parse(text, HERE).tree
    shop, meets = shop_of(seed), predicate_of(tree, VIEWER)
    expected = [row.id for row in shop.found(which) if meets(row)]
    assert [row.id for row in shop.found(which, parse(render(tree), THERE, SENT).tree)] == expected


@settings(max_examples=2_000 if LARGE else 200, deadline=None)
@given(text=queries, more=queries)
def test_what_narrows_finds_less(shop_of: ShopOf, text: str, more: str) -> None:
    old, new = (parse(part, HERE).tree for part in (text, f"{text} {more}"))
    if narrows(new, old):
        before, after = predicate_of(old, VIEWER), predicate_of(new, VIEWER)
        assert [r.id for r in shop_of(0).found("history") if after(r) and not before(r)] == []


def test_the_shop_has_all_there_is_to_find(shop_of: ShopOf) -> None:
    """Else the comparison would compare little."""
    rows = shop_of(0).found("history")
    outcomes = {row.outcome for row in rows}  # type: ignore[attr-defined]
    assert outcomes >= {"active", "completed", "cancelled", "released", "handed", "passed"}
    for text in (
        "rating:>=1",
        "has:summary",
        "has:files",
        "is:unrated",
        "code:P0420",
        "wait:>5m",
        "length:>1m",
        "has:photo",
        "plan:video",
        "hour:8..17",
        "hour:22..5",
    ):
        meets = predicate_of(parse(text, HERE).tree, VIEWER)
        assert 0 < sum(map(meets, rows)) < len(rows), text


@pytest.mark.parametrize("text", ["555-0142", "grinding@example.com", "-name:doe 0142", "example"])
def test_contact_details_are_never_matched(shop_of: ShopOf, text: str) -> None:
    assert shop_of(0).found("history", parse(text, HERE).tree) == []


@pytest.mark.parametrize("text", ["rating:>=1", "has:summary", "status:completed", "length:>=0s", "wait:>=0s"])
def test_of_a_session_given_back_nothing_later_is_found(shop_of: ShopOf, text: str) -> None:
    shop = shop_of(0)
    found = shop.found("history", parse(text, HERE).tree)
    assert found
    assert [row.id for row in found if row.outcome in NOT_HIS] == []  # type: ignore[attr-defined]
