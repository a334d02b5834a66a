"""What is offered by a colleague, and what becomes of what was offered to one."""

import pytest

from mechtui.api_errors import OutcomeUnknown, Unreachable
from mechtui.changes import Claim, Topic
from mechtui.models import HistoryRow, Session
from mechtui.rows import Tab
from mechtui.screens.declining import DeclinePanel
from mechtui.screens.handoff import HandoffPanel
from mechtui.store import Store

from .support import CAMRY, KIA, MINE, NOW, OFFERED, OPEN, SAM, SERVER, Shop, event, refused, snapshot


def newer(row: Session, **changes: object) -> Session:
    return row.model_copy(update={"version": row.version + 1, **changes})


OVER = {"offered_by": None, "offer_note": None}


async def test_an_offer_stands_above_all_and_a_takes_it() -> None:
    shop = Shop(*OPEN, OFFERED)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        assert next(iter(shop.store.rows(Tab.INCOMING).shown)) == OFFERED.id
        assert "from Sam: my lift is taken" in shop.screen_text
        assert (shop.store.count(Tab.INCOMING), shop.store.count(Tab.ACTIVE)) == (5, 0)
        await pilot.press("g", "a")
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert shop.client.asked[-1] == ("take", OFFERED.id)
        assert (shop.store.count(Tab.INCOMING), shop.store.count(Tab.ACTIVE)) == (4, 1)


async def test_x_declines_it_with_a_reason() -> None:
    shop = Shop(*OPEN, OFFERED)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("g", "z")
        assert shop.toasts[-1].endswith("A colleague waits for your word: a takes it, x declines it.")
        await pilot.press("x")
        assert isinstance(shop.app.screen, DeclinePanel)
        await pilot.press("2")
        await shop.until(pilot, lambda: ("reason", DeclinePanel.REASONS[1]) in shop.client.asked)
        await shop.until(pilot, lambda: "DECLINED" in shop.screen_text)
        assert shop.store.count(Tab.INCOMING) == 4
        assert shop.store.last_taken is None


async def test_its_intake_is_read_before_and_says_whose_it_is() -> None:
    shop = Shop(OFFERED)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("enter")
        await shop.until(pilot, lambda: "CONCERN" in shop.screen_text)
        assert "OFFERED by Sam   not live yet" in shop.screen_text
        await pilot.press("a")
        await shop.until(pilot, lambda: ("take", OFFERED.id) in shop.client.asked)


async def test_one_that_is_no_longer_offered_is_not_taken() -> None:
    shop = Shop(OFFERED)
    shop.client.answers["take"] = refused(409, "NO_OFFER")
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("a")
        await shop.until(pilot, lambda: "NO LONGER OFFERED" in shop.screen_text)
        assert shop.toasts[-1].startswith("Not yours: Because of NO_OFFER")
        await pilot.press("a")
        assert shop.toasts[-1].endswith("It is no longer offered to you.")


async def test_a_take_without_an_answer_is_asked_again_and_never_lost() -> None:
    shop = Shop(OFFERED)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        shop.client.answers |= {
            "take": OutcomeUnknown("key-1", "no answer within 4 s"),
            "settle": Unreachable(SERVER, "no answer within 4 s"),
        }
        await pilot.press("a")
        await shop.until(pilot, lambda: shop.store.claims.get(OFFERED.id) is Claim.CHECKING)
        mine = newer(OFFERED, mechanic=shop.store.me, url="http://shop.test:8420/video/s-sam", **OVER)
        shop.feed.say(event("handed_over", mine))
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel), "it was ours after all")
        assert shop.store.count(Tab.ACTIVE) == 1


@pytest.fixture
def store() -> Store:
    opened = Store()
    opened.apply(snapshot(MINE, CAMRY))
    return opened


def test_whoever_offered_it_is_told_what_became_of_it(store: Store) -> None:
    offered = newer(MINE, offered_to=SAM)
    store.apply(event("offered", offered))
    declined = event("offer_declined", newer(offered, offered_to=None))
    told = store.apply(type(declined)(declined.event.model_copy(update={"reason": "no \x1b[31mtime"}), news=True))
    (news,) = told.news
    assert (news.topic, news.by, news.words) == (Topic.OFFER_DECLINED, "Sam K.", "no ␛[31mtime")
    assert store.active is not None


def test_what_was_taken_over_is_gone_and_in_the_history(store: Store) -> None:
    store.tabs[Tab.HISTORY].put(HistoryRow(**dict(MINE), outcome="active"))
    store.page_asked(Tab.HISTORY)
    told = store.apply(event("handed_over", newer(MINE, mechanic=SAM, url=None), gone=True))
    (news,) = told.news
    assert (news.topic, news.by) == (Topic.HANDED_OVER, "Sam K.")
    assert store.active is None
    row = store.rows(Tab.HISTORY).rows[MINE.id]
    assert isinstance(row, HistoryRow)
    assert (row.outcome, row.mechanic, row.status) == ("handed", None, "pending")


def test_an_offer_that_ends_is_said_and_one_that_never_runs_out_is_kept(store: Store) -> None:
    told = store.apply(event("offered", OFFERED))
    assert [news.topic for news in told.news] == [Topic.OFFERED]
    store.tell_time(NOW)
    store.tick()
    assert OFFERED.id not in store.leaving, "an offer does not expire as a request does"
    told = store.apply(event("offer_withdrawn", newer(OFFERED, **OVER), gone=True))
    assert [news.topic for news in told.news] == [Topic.OFFER_OVER]
    assert store.leaving[OFFERED.id].why == "no longer offered"


def test_what_a_colleague_gave_back_is_a_request_like_any_other(store: Store) -> None:
    store.apply(event("offered", OFFERED))
    back = newer(OFFERED, status="pending", mechanic=None, accepted_at=None, **OVER)
    store.apply(event("released", back))
    assert not store.rows(Tab.INCOMING).rows[OFFERED.id].is_offer
    assert KIA.id not in store.rows(Tab.INCOMING).rows
