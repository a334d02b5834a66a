"""A healthy old database has nothing wrong with it; each kind of damage is found, and only that."""

import pytest

from mechtui.server.legacy.kinds import KINDS, Fate
from mechtui.server.legacy.looking import findings
from tests.moving.conftest import Reading
from tests.moving.plants import PLANTS
from tests.moving.shop import NOW, OldShop


def test_there_are_35_kinds_and_a_plant_for_each() -> None:
    assert sorted(KINDS) == sorted(PLANTS) == list(range(1, 36))


def test_a_healthy_shop_has_nothing_wrong(read: Reading) -> None:
    shop = OldShop(completed=40)
    shop.held("in hand", shop.ann)
    old = read(shop)
    assert not old.unreadable
    assert [(f.kind.number, f.rows) for f in findings(old, NOW)] == []


@pytest.mark.parametrize("number", sorted(PLANTS))
def test_each_kind_is_found_and_none_else(read: Reading, number: int) -> None:
    shop = OldShop()
    PLANTS[number](shop)
    assert {f.kind.number for f in findings(read(shop), NOW)} == {number}


def test_the_bug_that_started_it_all_is_repaired_only_while_one_session_can_be_meant(read: Reading) -> None:
    shop = OldShop()
    PLANTS[1](shop)
    (found,) = findings(read(shop), NOW)
    assert found.fate == Fate.REPAIRED
    assert [ref.table for ref in found.rows] == ["session_requests", "sessions"]
    meant = shop.tables["sessions"][-1]
    shop.request(meant, 6, session_id=None, status="accepted", mechanic_id=shop.bob, accepted_at=None)
    torn = [(f.kind.number, f.fate) for f in findings(read(shop), NOW)]
    assert torn == [(2, Fate.QUARANTINED), (2, Fate.QUARANTINED)]
