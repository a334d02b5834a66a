"""By which names a backend may be asked, and by pages of which sites: no other one reaches a backend near a browser."""

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mechtui.config import ConfigError, ServerSettings, server_settings
from mechtui.frames import FEED_PATH
from mechtui.server.hosts import Hosts
from mechtui.server.refusal import Refusal
from tests.server.live import Shop, open_shop
from tests.server.support import PUBLIC_URL

SETTINGS = ServerSettings("sqlite:////nowhere", host="bay1.shop", public_url=PUBLIC_URL, hosts=("Bay3.shop",))


def judged(*hosts: bytes, version: str = "1.1", settings: ServerSettings = SETTINGS) -> int:
    """The status of a request that bears these Host headers."""
    scope: dict[str, Any] = {"headers": [(b"host", host) for host in hosts], "http_version": version}
    try:
        Hosts(settings).check(scope)
    except Refusal as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8420", "localhost", "localhost:8420", "LocalHost.", "shop.localhost", "[::1]:8420",
     "192.0.2.7:8420", "[2001:db8::7]", "bay1.shop", "bay3.shop:443", "BAY3.SHOP", "shop.example",
     socket.gethostname()],
)  # fmt: skip
def test_names_of_ours(host: str) -> None:
    assert judged(host.encode()) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "shop.example.evil.example", "evilshop.example", "localhost.evil.example", "notlocalhost",
     "127.0.0.1.evil.example", "127.1", "2130706433", "0x7f000001", "bay3"],
)  # fmt: skip
def test_names_of_others(host: str) -> None:
    assert judged(host.encode()) == 421


@pytest.mark.parametrize("host", ["", " ", "a b", "user@localhost", "localhost/x", "local\xe9", "[::1", "localhost:x"])
def test_what_is_no_name(host: str) -> None:
    assert judged(host.encode("latin-1")) == 400


def test_one_name_and_no_more() -> None:
    assert judged(b"localhost", b"evil.example") == 400
    assert judged(b"localhost", b"localhost") == 400
    assert judged() == 400


def test_a_balancer_that_speaks_an_older_http_names_nobody() -> None:
    assert judged(version="1.0") == 200
    assert judged(b"evil.example", version="1.0") == 421


def test_where_tls_is_spoken_the_browser_has_checked_the_name() -> None:
    own = ServerSettings("sqlite:////nowhere", tls_cert=Path("shop.pem"))
    assert judged(b"any.shop.example", settings=own) == 200
    assert judged(b"a b", settings=own) == 400


@pytest.mark.parametrize("path", ["/api/health", "/api/mechanic/me", "/openapi.json", "/api/nowhere"])
async def test_a_request_for_somebody_else_is_refused_in_words(shop: Shop, path: str) -> None:
    answer = await shop.call("GET", path, shop.ann.token, Host="evil.example:8420")
    assert (answer.status_code, answer.json()["code"]) == (421, "MISDIRECTED")
    assert "not known as evil.example" in answer.json()["error"]
    assert '[server] hosts = ["evil.example"]' in answer.json()["error"]


async def test_a_balancer_may_ask_for_health_by_address(shop: Shop) -> None:
    assert (await shop.http.get("/api/health", headers={"Host": "10.0.0.1:8420"})).status_code == 200


async def test_behind_a_proxy_it_is_asked_by_the_name_that_is_set(file: str) -> None:
    async with open_shop(file, hosts=("help.shop.test",)) as shop:
        answer = await shop.call("GET", "/api/mechanic/me", shop.ann.token, Host="help.shop.test")
        assert answer.status_code == 200


async def feed_status(shop: Shop, **headers: str) -> int:
    """How the handshake of a feed with these headers is answered."""
    sent = {"Authorization": f"Bearer {shop.ann.token}"} | headers
    address = f"ws://127.0.0.1:{shop.backend_port}{FEED_PATH}"
    try:
        host = headers.pop("Host", None)
        if host is not None:
            del sent["Host"]
            line = socket.create_connection(("127.0.0.1", shop.backend_port))
            async with connect(f"ws://{host}{FEED_PATH}", sock=line, additional_headers=sent):
                return 101
        async with connect(address, additional_headers=sent):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def test_a_feed_is_not_opened_for_somebody_else_nor_for_a_page(shop: Shop) -> None:
    assert await feed_status(shop) == 101
    assert await feed_status(shop, Host="evil.example") == 421
    for origin in ("https://evil.example", "null", PUBLIC_URL, f"http://127.0.0.1:{shop.backend_port}"):
        assert await feed_status(shop, Origin=origin) == 403, origin


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("http://127.0.0.1:3000", 403), ("http://localhost", 403),
     ("http://[", 403), ("", 403), (PUBLIC_URL, 200)],
)  # fmt: skip
async def test_a_write_of_a_page_that_is_not_the_shops_is_refused(shop: Shop, origin: str, status: int) -> None:
    session_id = await shop.submit()
    answer = await shop.call("POST", "/api/mechanic/accept", shop.ann.token, {"requestId": session_id}, Origin=origin)
    assert answer.status_code == status, answer.text
    taken = (await shop.get("/api/mechanic/active-sessions")).json()["total"]
    assert taken == (status == 200)


async def test_a_page_without_a_token_is_told_that_first(shop: Shop) -> None:
    answer: httpx.Response = await shop.call("POST", "/api/intakes", None, {}, Origin="https://evil.example")
    assert answer.status_code == 401


@pytest.mark.parametrize("names", ['["https://bay3.shop"]', '["bay3.shop:8420"]', '[""]', "[5]", '["a b"]'])
def test_what_is_set_has_to_be_names(tmp_path: Path, names: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[server]\nhosts = {names}\n")
    with pytest.raises(ConfigError, match=r"no name of a host: it has no scheme and no port\. A right line: hosts ="):
        server_settings(environ={"MECHTUI_CONFIG": str(config)})


def test_names_are_read(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[server]\nhosts = ["bay3.shop", "help.example.com"]\n')
    assert server_settings(environ={"MECHTUI_CONFIG": str(config)}).hosts == ("bay3.shop", "help.example.com")
