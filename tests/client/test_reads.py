import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.api_client import MechanicClient, NoPage, NotFound, SignedOut, TooOld, Unreachable, page_url
from mechtui.models import HistoryRow, SessionType, session_url
from tests.client.support import NOW, SERVER, Backend, answer, refused, session


def page(*items: object) -> httpx.Response:
    body = {"items": list(items), "next_cursor": None, "total": len(items), "seq": 7, "server_now": NOW.isoformat()}
    return answer(200, body)


async def test_lists_ask_with_the_words_of_the_protocol() -> None:
    backend = Backend([page(session().model_dump(mode="json"))])
    async with backend.mechanic() as client:
        found = await client.incoming(q="grind camry", type="video", since=NOW, until=NOW, limit=5, cursor="c")
    assert found.items[0] == session()
    assert backend.asked[0].url.path == "/api/mechanics/requests"
    assert dict(backend.asked[0].url.params) == {
        "status": "pending",
        "q": "grind camry",
        "type": "video",
        "from": "2026-01-31T12:00:00+00:00",
        "to": "2026-01-31T12:00:00+00:00",
        "limit": "5",
        "cursor": "c",
    }


async def test_history_rows_carry_their_outcome() -> None:
    row = HistoryRow(**dict(session()), outcome="released")
    found = await Backend([page(row.model_dump(mode="json"))]).mechanic().history()
    assert found.items == (row,)


async def test_the_other_reads_go_where_they_should() -> None:
    backend = Backend([page()])
    client = backend.mechanic()
    await client.active()
    await client.completed()
    assert [request.url.path for request in backend.asked] == [
        "/api/mechanic/active-sessions",
        "/api/mechanic/completed-sessions",
    ]


async def test_a_file_is_its_bytes() -> None:
    backend = Backend([httpx.Response(200, content=b"\x89PNG\x00")])
    assert await backend.mechanic().file("s1", "../f") == b"\x89PNG\x00"
    assert backend.asked[0].url.raw_path == b"/api/sessions/s1/files/..%2Ff"


async def test_a_read_without_a_line_is_tried_again_briefly() -> None:
    backend = Backend([httpx.ConnectError("refused"), httpx.RemoteProtocolError("closed"), page()])
    await backend.mechanic().active()
    assert len(backend.asked) == 3
    backend = Backend([httpx.ConnectError("refused")])
    with pytest.raises(Unreachable, match=re.escape(SERVER)):
        await backend.mechanic().active()
    assert len(backend.asked) == 3
    assert backend.now < 1


async def test_a_read_that_timed_out_has_waited_enough() -> None:
    backend = Backend([httpx.ReadTimeout("slow")])
    with pytest.raises(Unreachable, match="no answer in time"):
        await backend.mechanic().active()
    assert len(backend.asked) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        httpx.Response(200, text="<html>log in"),
        httpx.Response(302, headers={"location": "http://portal.test"}),
        httpx.Response(404, text="nginx"),
        httpx.Response(401, text="proxy"),
        answer(500, {"error": "no", "code": "UNAVAILABLE"}),
        refused(429, "SLOW_DOWN"),
    ],
)
async def test_what_is_no_answer_of_the_backend_is_unreachable(garbage: httpx.Response) -> None:
    with pytest.raises(Unreachable):
        await Backend([garbage]).mechanic().me()


async def test_a_redirect_is_not_followed_with_the_token() -> None:
    backend = Backend([httpx.Response(307, headers={"location": "http://elsewhere.test/api"})])
    with pytest.raises(Unreachable):
        await backend.mechanic().me()
    assert [request.url.host for request in backend.asked] == ["backend.test"]


async def test_reads_raise_the_errors_of_the_tree() -> None:
    with pytest.raises(NotFound):
        await Backend([refused(404, "NOT_FOUND")]).mechanic().session("s1")
    with pytest.raises(SignedOut):
        await Backend([refused(401, "SIGNED_OUT")]).mechanic().me()
    with pytest.raises(TooOld) as caught:
        await Backend([answer(200, {"items": [], "total": "many", "seq": 1})]).mechanic().active()
    assert caught.value.side == "terminal"


@pytest.mark.parametrize(
    "server", ["", "localhost:8420", "ftp://a", "http://", "http://u:p@a", "http://a?b", "http://a b"]
)
def test_an_address_that_is_none_is_refused_at_once(server: str) -> None:
    with pytest.raises(ValueError, match="no web address"):
        MechanicClient(server, "mtm_secret")


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="token") as caught:
        MechanicClient(SERVER, token)
    assert not token or token not in str(caught.value)


# --- the page of a session ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(SessionType))
@pytest.mark.parametrize("base", ["http://127.0.0.1:8420", "https://help.example.com/shop", "http://[::1]:80"])
def test_the_page_is_the_one_of_its_type(kind: SessionType, base: str) -> None:
    url = f"{base}/{kind}/session-1"
    assert page_url(session(type=kind, status="waiting", url=url)) == url == session_url(base, kind, "session-1")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://a/diagnostic/session-1",
        "http://a/video/session-2",
        "http://a/video/session-1/",
        "http://a/video/session-1?x",
        "http://a//video/session-1",
        "/video/session-1",
        "javascript:alert(1)//video/session-1",
        "file:///video/session-1",
        "http:///video/session-1",
        "http://user@a/video/session-1",
        "http://a?x=/video/session-1",
        "http://a#/video/session-1",
        "http://a\x1b]8;;/video/session-1",
        "http://a\\@b/video/session-1",
        "http://ä.example/video/session-1",
    ],
)
def test_any_other_address_is_refused(url: str | None) -> None:
    with pytest.raises(NoPage):
        page_url(session(type="video", status="waiting", url=url))


@pytest.mark.parametrize("kind", ["Video", "videos", "call", "", "diagnostics", "../diagnostic"])
def test_an_unknown_type_has_no_page_and_no_substitute(kind: str) -> None:
    with pytest.raises(NoPage):
        page_url(session(type=kind, status="waiting", url=f"http://a/{kind}/session-1"))


@given(st.text(max_size=30), st.text(min_size=1, max_size=20))
def test_whatever_is_returned_is_exactly_the_backends_own_http_address(noise: str, session_id: str) -> None:
    row = session(id=session_id, type="chat", status="waiting", url=session_url(f"http://a{noise}", "chat", session_id))
    try:
        url = page_url(row)
    except NoPage:
        return
    assert url == row.url
    assert re.fullmatch(r"http://[!-~]+/chat/[!-~]+", url)
