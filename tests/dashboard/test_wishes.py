"""What becomes of a wish: every answer the backend can give, on the running screen."""

import asyncio

import pytest

from mechtui.api_client import Settled, Verdict
from mechtui.api_errors import OutcomeUnknown, Unreachable
from mechtui.changes import Claim, Departure
from mechtui.models import Session
from mechtui.replica import LinkChanged, LinkState
from mechtui.rows import Tab
from mechtui.screens.handoff import HandoffPanel
from mechtui.screens.setup import SetupPanel
from mechtui.screens.wishes import NotDone, Wishes
from mechtui.store import Store

from .support import (
    BMW,
    CAMRY,
    FORD,
    KIA,
    MINE,
    NOW,
    OPEN,
    SAM,
    SERVER,
    FakeClient,
    Shop,
    already_taken,
    event,
    refused,
    request,
    taken,
    taken_by_sam,
)

UNKNOWN = OutcomeUnknown("key-1", "timed out")


async def test_the_row_is_claimed_at_once_and_the_answer_decides() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.client.hold = asyncio.Event()
        await pilot.press("a")
        assert "CLAIMING" in shop.screen_text
        assert shop.store.claims == {CAMRY.id: Claim.CLAIMING}
        shop.client.hold.set()
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert "Accepted: it is yours" in shop.screen_text


async def test_the_address_of_a_page_is_on_one_line_of_eighty_columns() -> None:
    row_id = "013dccda-def8-4302-ac1e-2e7f8dcc91fb"
    address = f"http://192.168.178.241:41333/diagnostic/{row_id}"
    shop = Shop(MINE.model_copy(update={"id": row_id, "type": "diagnostic", "url": address}))
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("o")
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        await pilot.pause()
        assert len(address) == 76
        assert address in shop.screen_text


async def test_the_feed_may_tell_before_the_answer_does() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.client.hold = asyncio.Event()
        await pilot.press("a")
        shop.feed.say(event("accepted", taken(CAMRY)))
        await shop.until(pilot, lambda: shop.store.count(Tab.ACTIVE) == 1)
        shop.client.hold.set()
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert shop.store.count(Tab.ACTIVE) == 1
        assert len([screen for screen in shop.app.screen_stack if isinstance(screen, HandoffPanel)]) == 1


async def test_the_loser_is_told_who_and_how_long_ago_and_where_next() -> None:
    shop = Shop(*OPEN)
    shop.client.answers["accept"] = already_taken(0.8)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("a")
        await shop.until(pilot, lambda: bool(shop.toasts))
        assert shop.toasts == [
            "Not yours: Taken by Sam K. 0.8 s before you. Next: 15 Kia Optima EX, P1326, ticking from the engine"
        ]
        assert shop.app.dashboard.sessions.view.cursor == KIA.id
        assert shop.store.leaving[CAMRY.id].why is Departure.TAKEN
        shop.feed.say(taken_by_sam(CAMRY))
        await shop.ready(pilot)
        assert len(shop.toasts) == 1, "the event about the same loss is no more news"


async def test_an_expired_and_a_cancelled_request_say_so() -> None:
    for code, why in (("REQUEST_EXPIRED", Departure.EXPIRED), ("REQUEST_CANCELLED", Departure.CANCELLED)):
        shop = Shop(*OPEN)
        shop.client.answers["accept"] = refused(410, code, at=NOW)
        async with shop.app.run_test(notifications=True) as pilot:
            await shop.ready(pilot)
            await pilot.press("a")
            await shop.until(pilot, lambda shop=shop: bool(shop.toasts))  # type: ignore[misc]
            assert shop.store.leaving[CAMRY.id].why is why
            assert shop.toasts[0].startswith("Too late")


async def test_a_mechanic_with_a_session_is_shown_to_it() -> None:
    shop = Shop(*OPEN)
    shop.client.answers["accept"] = refused(409, "MECHANIC_HAS_ACTIVE_SESSION", session_id=MINE.id, url=MINE.url)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("a")
        await shop.until(pilot, lambda: bool(shop.toasts))
        assert shop.toasts[0].startswith("One at a time")
        assert shop.toasts[0].endswith("Press 2 to go there.")
        assert shop.store.claims == {}


async def test_an_unknown_outcome_is_checked_and_never_called_failed() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.client.answers |= {"accept": UNKNOWN, "settle": Unreachable(SERVER, "timed out")}
        await pilot.press("a")
        await shop.until(pilot, lambda: "CHECKING" in shop.screen_text)
        assert "READ-ONLY" in shop.screen_text
        assert "fail" not in shop.screen_text.lower()
        await pilot.press("down", "a")
        assert any("being checked" in toast for toast in shop.toasts[1:])
        del shop.client.answers["settle"]
        shop.client.settled = [Settled("key-1", "accept", Verdict.DONE, session=taken(CAMRY))]
        shop.app.desk.settle()
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert shop.store.state is LinkState.LIVE


async def test_a_request_taken_as_the_terminal_went_down_is_shown_when_it_is_up_again() -> None:
    """The row may be open in the first snapshot: what the earlier process sent may be carried out only now."""
    shop = Shop(*OPEN)
    shop.client.settled = [Settled("key-1", f"accept of {CAMRY.id}", Verdict.DONE, session=taken(CAMRY))]
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert "Accepted: it is yours" in shop.screen_text
        assert shop.app.dashboard.sessions.tab is Tab.ACTIVE


@pytest.mark.parametrize(
    ("what", "row"), [("accept", CAMRY), ("release", taken(CAMRY)), ("accept", taken(CAMRY, by=SAM))]
)
async def test_what_an_earlier_process_did_and_left_nothing_in_hand_is_no_news(what: str, row: Session) -> None:
    shop = Shop(*OPEN)
    shop.client.settled = [Settled("key-1", f"{what} of {CAMRY.id}", Verdict.DONE, session=row)]
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await shop.until(pilot, lambda: ("settle", "") in shop.client.asked)
        await pilot.pause()
        assert not isinstance(shop.app.screen, HandoffPanel)
        assert shop.toasts == []


async def test_an_unknown_outcome_that_was_a_no_is_told() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.client.answers |= {"accept": UNKNOWN, "settle": Unreachable(SERVER, "timed out")}
        await pilot.press("a")
        await shop.until(pilot, lambda: bool(shop.store.claims))
        del shop.client.answers["settle"]
        shop.client.settled = [Settled("key-1", "accept", Verdict.REFUSED, error=already_taken())]
        shop.app.desk.settle()
        await shop.until(pilot, lambda: any("did not go through" in toast for toast in shop.toasts))
        assert shop.store.claims == {}


async def test_what_is_settled_is_told_though_the_time_cannot_be_asked() -> None:
    client = FakeClient()
    wishes = Wishes(Store(), client, lambda change: None)
    client.answers |= {"accept": UNKNOWN, "me": Unreachable(SERVER, "timed out")}
    await wishes.accept(CAMRY.id)
    client.settled = [Settled("key-1", "accept", Verdict.REFUSED, error=already_taken())]
    (told,) = await wishes.ask_again()
    assert isinstance(told, NotDone)
    assert told.title == "It did not go through"


async def test_what_a_process_before_left_unknown_is_asked_about_until_it_is_known() -> None:
    client = FakeClient()
    wishes = Wishes(Store(), client, lambda change: None)
    assert not wishes.unsettled
    client.settled = [Settled("key-1", "accept", Verdict.UNKNOWN, error=UNKNOWN)]
    client.answers["me"] = Unreachable(SERVER, "timed out")
    await wishes.ask_again()
    del client.answers["me"]
    await wishes.join(CAMRY.id)
    assert wishes.unsettled
    client.settled = [Settled("key-1", "accept", Verdict.DONE, session=taken(CAMRY))]
    await wishes.ask_again()
    assert not wishes.unsettled


async def test_what_was_surely_not_sent_leaves_the_request_open() -> None:
    shop = Shop(*OPEN)
    shop.client.answers["accept"] = Unreachable(SERVER, "connection refused")
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("a")
        await shop.until(pilot, lambda: bool(shop.toasts))
        assert shop.toasts[0].startswith("Not sent")
        assert shop.store.claims == {}
        assert shop.store.state is LinkState.READ_ONLY


async def test_offline_an_accept_is_refused_here_and_not_kept() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.feed.say(LinkChanged(LinkState.OFFLINE, "connection refused", 4.0))
        await shop.ready(pilot)
        await pilot.press("a")
        assert "nothing is kept for later" in shop.toasts[0]
        assert not [verb for verb, _ in shop.client.asked if verb == "accept"]
        assert "OFFLINE, retry in 4 s" in shop.screen_text


async def test_a_key_held_too_long_accepts_once() -> None:
    shop = Shop(*OPEN)
    shop.client.answers["accept"] = already_taken()
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("a", "a", "a")
        assert [row_id for verb, row_id in shop.client.asked if verb == "accept"] == [CAMRY.id]
        shop.time.forward(0.7)
        await pilot.press("a")
        await shop.until(pilot, lambda: ("accept", KIA.id) in shop.client.asked)


async def test_the_page_is_opened_where_there_is_a_browser() -> None:
    shop = Shop(*OPEN, browser=True)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("down", "down", "a")
        await shop.until(pilot, lambda: ("join", BMW.id) in shop.client.asked)
        assert shop.opener.opened == [f"{SERVER}/chat/{BMW.id}"]
        assert "Opened in your browser" in shop.screen_text


async def test_no_page_is_guessed_for_a_type_nobody_knows() -> None:
    odd = taken(request("r-odd", "N", "2001 Car", "x", type="hologram"), url=f"{SERVER}/diagnostic/r-odd")
    shop = Shop(odd, browser=True)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("o")
        assert shop.opener.opened == []
        assert shop.toasts[0].startswith("Nothing opened")


async def test_own_words_are_a_reason_too() -> None:
    waiting = taken(KIA)
    shop = Shop(waiting)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("R", "4", *"lift broken", "enter")
        await shop.until(pilot, lambda: ("reason", "lift broken") in shop.client.asked)


async def test_a_session_nobody_knows_any_more_leaves_the_list() -> None:
    shop = Shop(MINE)
    shop.client.rows.clear()
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("e", "enter")
        await shop.until(pilot, lambda: shop.store.count(Tab.ACTIVE) == 0)
        assert shop.toasts[0].startswith("Not ended")


async def test_signed_out_says_what_to_do() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.feed.say(LinkChanged(LinkState.SIGNED_OUT, "The token was revoked."))
        await shop.until(pilot, lambda: isinstance(shop.app.screen, SetupPanel))
        assert "mechtui mechanic add" in shop.screen_text
        assert "The token was revoked." in shop.screen_text
        await pilot.press("escape")
        assert "SIGNED OUT" in shop.screen_text


async def test_a_session_in_hand_is_what_one_sees_first() -> None:
    shop = Shop(*OPEN, MINE)
    async with shop.app.run_test() as pilot:
        await shop.ready(pilot)
        assert shop.app.dashboard.sessions.tab is Tab.ACTIVE
        assert f"{SERVER}/video/{MINE.id}" in shop.screen_text


async def test_new_requests_are_told_and_rung_for_but_not_the_first_ones() -> None:
    shop = Shop(*OPEN)
    rung: list[str] = []
    shop.app.desk._bell._ring = lambda: rung.append("bell")
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        assert (shop.toasts, rung) == ([], [])
        shop.feed.say(event("created", request("r-new", "N. New", "2012 BMW X1", "hum")))
        await shop.ready(pilot)
        assert shop.toasts == ["New video request: N. New, 12 BMW X1: hum"]
        shop.feed.say(event("created", request("r-two", "Two", "2012 BMW X1", "smoke", urgent=True)))
        await shop.ready(pilot)
        assert shop.toasts[1].startswith("URGENT request")
        assert rung == ["bell"], "one burst in three seconds"
        shop.feed.say(taken_by_sam(FORD))
        await shop.ready(pilot)
        assert shop.toasts[2] == "Taken by Sam K.: R. Patel, 09 Ford F-150"


async def test_markup_and_escapes_of_a_customer_are_only_text() -> None:
    name = "[bold]x[/nope] [@click=app.leave]hi\x1b[2J"
    shop = Shop(FORD.model_copy(update={"customer_name": name, "concern": name}))
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.feed.say(event("created", request("r-new", name, name, name)))
        await shop.ready(pilot)
        assert "[bold]x[/nope] [@click=app.leave]hi␛[2J" in shop.screen_text
        await pilot.press("enter")
        await shop.until(pilot, lambda: "CONCERN" in shop.screen_text)
        assert "\x1b" not in shop.screen_text


async def test_a_customer_who_waits_is_told() -> None:
    waiting = taken(KIA)
    shop = Shop(waiting)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        shop.feed.say(event("joined", waiting.model_copy(update={"customer_joined_at": NOW, "version": 3})))
        await shop.ready(pilot)
        assert shop.toasts[0].startswith("Your customer has joined")
        assert "CUSTOMER WAITS, join" in shop.screen_text
