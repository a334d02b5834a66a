"""Over a network: https and wss only, a certificate that counts, and a word where there is none."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from mechtui.api_client import MechanicClient
from mechtui.api_errors import Unreachable
from mechtui.config import ServerSettings
from mechtui.feed_line import LineClosed, websocket
from mechtui.frames import Hello
from mechtui.server import serve
from mechtui.server.tls import CertificateError, certificate, is_near
from mechtui.trust import trusted
from tests.server.live import open_shop
from tests.server.support import database_url


async def test_client_and_feed_speak_tls(tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with open_shop(database_url(tmp_path / "shop.db"), tls_cert=pem) as shop:
        assert shop.url.startswith("https://")
        async with MechanicClient(shop.url, shop.ann.token) as client:
            assert (await client.me()).name == "Ann"
        line = await websocket(shop.url, shop.ann.token)()
        await line.send(Hello().model_dump_json())
        assert '"t":"welcome"' in str(await line.recv())
        await line.drop()


async def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with open_shop(database_url(tmp_path / "shop.db"), tls_cert=pem) as shop:
        monkeypatch.delenv("SSL_CERT_FILE")
        async with MechanicClient(shop.url, shop.ann.token) as client:
            with pytest.raises(Unreachable, match="certificate"):
                await client.me()
        with pytest.raises(LineClosed, match="certificate"):
            await websocket(shop.url, shop.ann.token)()


def test_authorities_are_read_once_for_each_file_of_them(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    public = trusted("https://one.shop")
    assert trusted("https://other.shop") is public
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert trusted("https://one.shop") is not public


async def test_plain_http_is_not_answered_there(tmp_path: Path, pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with open_shop(database_url(tmp_path / "shop.db"), tls_cert=pem) as shop:
        client = MechanicClient(shop.url.replace("https", "http"), shop.ann.token)
        with pytest.raises(Unreachable):
            await client.me()
        await client.aclose()


def test_nothing_older_than_tls_1_2(pem: Path) -> None:
    context = certificate(pem, None)
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_text("nonsense"), "do not go together"),
        (lambda path: path.write_text(path.read_text().split("-----BEGIN PRIVATE")[0]), "do not go together"),
    ],
)
def test_one_that_cannot_be_used_is_said_to_be(pem: Path, spoil: Callable[[Path], object], words: str) -> None:
    spoil(pem)
    with pytest.raises(CertificateError, match=words):
        certificate(pem, None)


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.0.2.1", False), ("shop.example", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, near: bool) -> None:
    assert is_near(host) == near


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_it_says_so_when_others_can_read_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setattr(serve, "_run", lambda server, sockets: [socket.close() for socket in sockets])
    serve.run_server(ServerSettings(database_url(tmp_path / "shop.db"), host=host, port=0))
    assert ("can read along" in capsys.readouterr().err) == (host == "0.0.0.0")
