"""Pages by key, from either end and from a day, always the same list."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mechtui.config import Rules
from mechtui.server.clock import stamp
from mechtui.server.db import lists
from mechtui.server.db.lists import Wanted
from mechtui.server.db.rows import Shop
from mechtui.server.refusal import Refusal
from tests.search.shop import DANA, LISTS, NOW, ShopOf

FIVE = Wanted(limit=5)


def page(shop_of: ShopOf, which: str, wanted: Wanted) -> dict[str, Any]:
    shop = Shop(Rules(), "https://shop.example")
    return lists.page(shop_of(0).connection, LISTS[which], DANA, wanted, stamp(NOW), shop)


def pages(shop_of: ShopOf, which: str, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """This page and all that follow in its direction."""
    cursor = "prev_cursor" if wanted.back else "next_cursor"
    while True:
        found = page(shop_of, which, wanted)
        yield found
        if found[cursor] is None:
            return
        wanted = replace(wanted, cursor=found[cursor], at=None)


def ids(found: dict[str, Any]) -> list[str]:
    return [item["id"] for item in found["items"]]


@pytest.mark.parametrize("which", sorted(LISTS))
def test_from_either_end_it_is_the_same_list(shop_of: ShopOf, which: str) -> None:
    everything = ids(page(shop_of, which, Wanted(limit=1_000)))
    assert len(everything) > 5 or which == "active"
    assert [i for found in pages(shop_of, which, FIVE) for i in ids(found)] == everything
    backwards = list(pages(shop_of, which, replace(FIVE, back=True)))
    assert [i for found in reversed(backwards) for i in ids(found)] == everything
    assert backwards[0]["next_cursor"] is None


@pytest.mark.parametrize("which", ["completed", "history"])
def test_a_page_knows_what_lies_on_both_sides(shop_of: ShopOf, which: str) -> None:
    first, second, *_ = pages(shop_of, which, FIVE)
    assert first["prev_cursor"] is None
    assert ids(page(shop_of, which, replace(FIVE, back=True, cursor=second["prev_cursor"]))) == ids(first)
    again = page(shop_of, which, replace(FIVE, back=True, cursor=second["prev_cursor"]))
    assert ids(page(shop_of, which, replace(FIVE, cursor=again["next_cursor"]))) == ids(second)
    assert again["prev_cursor"] is None


@pytest.mark.parametrize(("which", "time"), [("completed", "ended_at"), ("history", "created_at")])
@pytest.mark.parametrize("days", [0, 10, 25, 400])
def test_a_day_is_where_a_page_can_begin(shop_of: ShopOf, which: str, time: str, days: int) -> None:
    everything = page(shop_of, which, Wanted(limit=1_000))["items"]
    at = stamp(NOW - timedelta(days=days))
    older = [item["id"] for item in everything if item[time] < at]
    found = list(pages(shop_of, which, replace(FIVE, at=at)))
    assert [i for each in found for i in ids(each)] == older
    assert found[0]["skipped"] == len(everything) - len(older)
    assert (found[0]["prev_cursor"] is None) == (len(older) in {0, len(everything)})


@pytest.mark.parametrize("wanted", [Wanted(at=stamp(NOW), back=True), Wanted(cursor="W10=", back=True)])
def test_what_makes_no_page_is_refused(shop_of: ShopOf, wanted: Wanted) -> None:
    with pytest.raises(Refusal):
        page(shop_of, "history", wanted)


def test_the_queue_has_no_days(shop_of: ShopOf) -> None:
    with pytest.raises(Refusal):
        page(shop_of, "incoming", Wanted(at=stamp(NOW)))
