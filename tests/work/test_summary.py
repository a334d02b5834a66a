"""The summary of a session: who may write it, once, and what is on the wire."""

from typing import Any

from mechtui.models import Changed, SessionDetail
from tests.server.live import Shop
from tests.server.support import HandClock

NOTES: dict[str, Any] = {
    "findings": "Ground strap corroded.\nBattery 11.9 V \x1b[31m",
    "steps_taken": " Cleaned it. ",
    "parts_needed": None,
    "next_steps": "地線を交換する",
}


async def completed(shop: Shop, clock: HandClock) -> str:
    """A session of Ann's that ran for ten minutes."""
    session_id = await shop.submit()
    await shop.accept(session_id)
    await shop.act(session_id, "join")
    await shop.act(session_id, "join", shop.ann.token)
    clock.forward(600)
    ended = await shop.act(session_id, "end", shop.ann.token, reason="")
    assert ended.json()["session"]["status"] == "completed"
    return session_id


async def summarize(shop: Shop, session_id: str, token: str, **changes: Any) -> Any:
    return await shop.call("POST", f"/api/sessions/{session_id}/summary", token, NOTES | changes)


async def test_the_holder_writes_it_once_and_it_is_kept_as_sent(slow_shop: Shop, hand_clock: HandClock) -> None:
    shop, session_id = slow_shop, await completed(slow_shop, hand_clock)
    sent = await summarize(shop, session_id, shop.ann.token)
    assert sent.status_code == 200, sent.text
    changed = Changed.model_validate(sent.json()).session
    assert changed.has_summary
    detail = SessionDetail.model_validate((await shop.get(f"/api/sessions/{session_id}")).json())
    assert detail.summary is not None
    assert {name: getattr(detail.summary, name) for name in NOTES} == NOTES
    assert detail.events[-1].kind == "summary_submitted"
    second = await summarize(shop, session_id, shop.ann.token, findings="Something else")
    assert (second.status_code, second.json()["code"]) == (409, "ALREADY_SUMMARIZED")
    again = SessionDetail.model_validate((await shop.get(f"/api/sessions/{session_id}")).json())
    assert again.summary == detail.summary
    assert again.session.version == changed.version


async def test_nobody_else_writes_it(slow_shop: Shop, hand_clock: HandClock) -> None:
    shop, session_id = slow_shop, await completed(slow_shop, hand_clock)
    assert (await summarize(shop, session_id, shop.bob.token)).status_code == 404
    assert (await summarize(shop, session_id, shop.desk.token)).status_code == 403
    assert (await summarize(shop, session_id, shop.customers[session_id])).status_code == 403


async def test_only_of_what_was_completed_and_with_something_in_it(shop: Shop) -> None:
    held = await shop.submit()
    await shop.accept(held)
    early = await summarize(shop, held, shop.ann.token)
    assert (early.status_code, early.json()["code"]) == (409, "NOT_COMPLETED")
    empty = await summarize(shop, held, shop.ann.token, findings=" \n")
    assert (empty.status_code, empty.json()["code"]) == (422, "INVALID")
