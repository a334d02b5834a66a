"""Whether a mechanic is there: on all his terminals, over restarts, and for his colleagues to see."""

import uuid

import pytest
from httpx import Response

from mechtui.server import accounts
from mechtui.server.db.engine import engine_of
from tests.server.live import Shop, open_shop
from tests.server.test_feed import hello, line, said


async def say(shop: Shop, word: str, token: str | None = None, **headers: str) -> Response:
    path = "/api/mechanic/availability"
    return await shop.call("POST", path, token or shop.ann.token, {"availability": word}, **headers)


async def colleagues(shop: Shop) -> dict[str, dict[str, object]]:
    answer = await shop.get("/api/mechanic/colleagues")
    return {item["name"]: item for item in answer.json()["items"]}


async def test_all_his_terminals_hear_it_at_once_and_nobody_else(shop: Shop) -> None:
    async with (
        line(shop, shop.ann.token) as first,
        line(shop, shop.ann.token) as second,
        line(shop, shop.bob.token) as other,
    ):
        for socket in (first, second, other):
            assert (await hello(socket))["availability"] == "on"
        assert (await say(shop, "break")).json() == {"availability": "break"}
        for socket in (first, second):
            beat = await said(socket)
            assert (beat["t"], beat["availability"]) == ("heartbeat", "break")
        beat = await said(other)
        assert (beat["t"], beat["availability"]) == ("heartbeat", "on"), "the next regular one"


async def test_it_is_remembered(database: str) -> None:
    async with open_shop(database) as shop:
        await say(shop, "off")
        token = shop.ann.token
    async with open_shop(database) as again:
        assert (await again.get("/api/mechanic/me", token)).json()["availability"] == "off"
        assert (await again.get("/api/mechanic/snapshot", token)).json()["availability"] == "off"
        async with line(again, token) as socket:
            assert (await hello(socket))["availability"] == "off"


async def test_a_word_changed_beside_the_backend_is_told_with_the_next_heartbeat(shop: Shop) -> None:
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        with engine_of(shop.database).changing() as beside:
            beside.execute("UPDATE mechanics SET availability = 'off' WHERE name = 'Ann'")
        assert (await said(socket))["availability"] == "off"


async def test_it_is_a_write_like_all_others(shop: Shop) -> None:
    key = str(uuid.uuid4())
    await say(shop, "break", Idempotency_Key=key)
    await say(shop, "on")
    again = await say(shop, "break", Idempotency_Key=key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == ({"availability": "break"}, "true")
    assert (await shop.get("/api/mechanic/me")).json()["availability"] == "on"
    assert (await say(shop, "lunch")).status_code == 422
    assert (await say(shop, "off", shop.desk.token)).status_code == 403
    without = await shop.http.post(
        "/api/mechanic/availability",
        json={"availability": "off"},
        headers={"Authorization": f"Bearer {shop.ann.token}"},
    )
    assert without.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"


@pytest.mark.parametrize("word", ["break", "off"])
async def test_it_takes_no_right_from_him_and_accepting_changes_nothing(shop: Shop, word: str) -> None:
    await say(shop, word)
    assert (await shop.accept(await shop.submit())).status_code == 200
    assert (await shop.get("/api/mechanic/me")).json()["availability"] == word


async def test_colleagues_are_the_others_and_no_more_is_said_of_them(shop: Shop) -> None:
    url = shop.database
    accounts.add_mechanic(url, "Cy", ("chat",))
    accounts.revoke_mechanic(url, accounts.add_mechanic(url, "Gone").id)
    await say(shop, "break", shop.bob.token)
    await shop.accept(await shop.submit(), shop.bob.token)
    async with line(shop, shop.bob.token) as socket:
        await hello(socket)
        found = await colleagues(shop)
    assert set(found) == {"Bob", "Cy"}
    assert found["Bob"] == {
        "id": shop.bob.id, "name": "Bob", "types": ["chat", "video", "diagnostic"],
        "availability": "break", "here": True, "busy": True,
    }  # fmt: skip
    assert (found["Cy"]["types"], found["Cy"]["here"], found["Cy"]["busy"]) == (["chat"], False, False)
