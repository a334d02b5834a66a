"""How much a token or an address may ask: what is refused, what never is, and what is kept of it."""

import asyncio
from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from mechtui.api_client import MechanicClient, TooMany
from mechtui.models import Code
from mechtui.server import feed
from mechtui.server.limits import FRAMES, KEPT, LIMITS, SIGNED_OUT, Client, Limit, Limits
from mechtui.server.refusal import Refusal
from tests.server.live import Shop, open_shop
from tests.server.test_feed import close_code, hello, line
from tests.server.test_observe import figures, lines_of

HERE: Client = ("192.0.2.1", 1)
FEW = Limit(rate=0.5, burst=3)


@pytest.fixture(params=["mechanic", "desk", SIGNED_OUT])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Three requests at once, and one every two seconds, for one kind of those who ask."""
    monkeypatch.setitem(LIMITS, request.param, FEW)
    kind: str = request.param
    return kind


@pytest.fixture
def few_of_mechanics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "mechanic", FEW)


class Hand:
    """Seconds that pass by hand only."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def granted(asked: Limits, client: Client = HERE) -> int:
    """How many requests without a token go through before the first that does not."""
    for number in range(10**6):
        try:
            asked.ask_signed_out(client)
        except Refusal:
            return number
    raise AssertionError("there is no limit")


def test_a_burst_then_a_rate() -> None:
    hand = Hand()
    asked = Limits(hand)
    limit = LIMITS[SIGNED_OUT]
    assert granted(asked) == pytest.approx(limit.burst, abs=1)
    for _ in range(100):  # asking in vain makes it no longer
        granted(asked)
    hand.now += 2.0
    assert granted(asked) == pytest.approx(2 * limit.rate, abs=1)
    hand.now += 10**6
    assert granted(asked) == pytest.approx(limit.burst, abs=1)


def test_each_address_for_itself_but_a_network_of_version_6_as_one() -> None:
    asked = Limits(Hand())
    granted(asked)
    assert granted(asked, ("192.0.2.2", 1)) > 1
    assert granted(asked, ("2001:db8:1:2::1", 1)) > 1
    assert granted(asked, ("2001:db8:1:2:ffff::9%eth0", 1)) == 0
    assert granted(asked, ("2001:db8:1:3::1", 1)) > 1


def test_of_very_many_addresses_not_all_are_remembered() -> None:
    asked = Limits(Hand())
    granted(asked)
    most = 0
    for number in range(5 * KEPT):
        asked.ask_signed_out((f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1))
        most = max(most, len(asked))
    assert KEPT < most <= 2 * KEPT


def test_whoever_goes_on_asking_is_remembered_among_many() -> None:
    asked = Limits(Hand())
    granted(asked)
    for number in range(3 * KEPT):
        asked.ask_signed_out((f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1))
        if number % 1000 == 0:
            assert granted(asked) == 0, number


async def test_one_too_many_is_refused_with_what_to_do(shop: Shop, few: str) -> None:
    token = {"mechanic": shop.ann.token, "desk": shop.desk.token, SIGNED_OUT: "mtm_wrong"}[few]
    path = "/api/sessions/none"
    usual = 401 if few == SIGNED_OUT else 404
    assert [(await shop.get(path, token)).status_code for _ in range(3)] == [usual] * 3
    refused = await shop.get(path, token)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert refused.json()["code"] == Code.TOO_MANY
    assert "nothing was done. Wait 2 s, then ask again." in refused.json()["error"]


async def test_one_too_many_is_not_carried_out(shop: Shop, few_of_mechanics: None) -> None:
    session_id = await shop.submit()
    for _ in range(3):
        await shop.get("/api/mechanic/me")
    assert (await shop.accept(session_id)).status_code == 429
    assert (await shop.accept(session_id, shop.bob.token)).status_code == 200


async def test_a_good_token_is_not_refused_for_what_its_address_asks(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy all have the same."""
    monkeypatch.setitem(LIMITS, SIGNED_OUT, FEW)
    for path in ("/api/mechanic/me", "/openapi.json", "/chat/none"):
        asked = [(await shop.get(path, "mtm_wrong")).status_code for _ in range(4)]
        assert asked[3] == 429, asked
    assert (await shop.get("/api/mechanic/me")).status_code == 200


async def test_a_balancer_is_never_told_to_wait(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would send nobody here any more."""
    for kind in LIMITS:
        monkeypatch.setitem(LIMITS, kind, FEW)
    assert {(await shop.http.get("/api/health")).status_code for _ in range(20)} == {200}


async def test_what_a_proxy_says_of_addresses_is_not_believed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can say it: whoever did would have a limit for each address he thinks of."""
    monkeypatch.setitem(LIMITS, SIGNED_OUT, FEW)
    asked = [
        (await shop.call("GET", "/api/mechanic/me", None, X_Forwarded_For=f"192.0.2.{n}")).status_code for n in range(4)
    ]
    assert asked == [401, 401, 401, 429]


async def test_the_client_waits_and_gets_it_done(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "mechanic", Limit(rate=2, burst=1))
    session_id = await shop.submit()
    async with MechanicClient(shop.url, shop.ann.token) as client:
        assert (await client.me()).name == "Ann"
        assert (await client.accept(session_id)).sessionId == session_id


async def test_a_client_that_may_not_wait_so_long_says_that_nothing_was_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "mechanic", Limit(rate=0.001, burst=1))
    async with MechanicClient(shop.url, shop.ann.token) as client:
        await client.me()
        with pytest.raises(TooMany, match="with this token: nothing was done"):
            await client.accept("some")


async def test_a_mechanic_has_so_many_feeds_and_no_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "FEEDS_EACH", 2)
    async with line(shop, shop.ann.token) as first, line(shop, shop.ann.token) as second:
        with pytest.raises(InvalidStatus) as refused:
            async with line(shop, shop.ann.token):
                pass
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["retry-after"] == "30"
        async with line(shop, shop.bob.token) as other:
            await hello(other)
        await hello(first)
        await second.close()
        async with asyncio.timeout(10):
            while shop.backend._feed._open[shop.ann.id] > 1:  # noqa: ASYNC110 - nobody tells that a line has ended
                await asyncio.sleep(0.005)
        async with line(shop, shop.ann.token) as third:
            await hello(third)


async def test_a_terminal_that_floods_its_feed_is_let_go(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, FRAMES, FEW)
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        for _ in range(4):
            await socket.send('{"t":"ack","seq":0}')
        assert await close_code(socket) == 4429


async def test_figures_count_refusals_by_their_code(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "mechanic", FEW)
    async with open_shop(file, metrics=True) as shop:
        asked = [(await shop.get("/api/mechanic/me")).status_code for _ in range(5)]
        with pytest.raises(InvalidStatus):
            async with line(shop, shop.ann.token):
                pass
        assert asked.count(429) == 2
        assert (await figures(shop))['mechtui_refusals_total{code="TOO_MANY"}'] == 3


async def test_lines_of_those_who_ask_too_much_are_few(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else whoever asks too much fills the disk."""
    monkeypatch.setitem(LIMITS, "mechanic", FEW)
    monkeypatch.setattr("mechtui.server.logs._QUIET", timedelta(days=1))
    async with open_shop(file, log="json") as shop:
        for _ in range(20):
            await shop.get("/api/mechanic/me")
    refused = [one for one in lines_of(capsys.readouterr().err) if one["event"] == "refused"]
    assert [(one["code"], one["who"]) for one in refused] == [("TOO_MANY", f"mechanic:{shop.ann.id}")]
