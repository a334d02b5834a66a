"""A write happens once at most, and what it became is never guessed."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from mechtui.api_calls import ATTEMPT_SECONDS, WRITE_SECONDS
from mechtui.api_client import (
    AlreadyTaken,
    Invalid,
    MechanicBusy,
    MechanicClient,
    NoJournal,
    NotEligible,
    NotFound,
    OfferGone,
    OutcomeUnknown,
    Refused,
    RequestGone,
    SignedOut,
    TooMany,
    TooOld,
    Unreachable,
    Verdict,
)
from mechtui.journal import Journal
from mechtui.models import Availability, Code, SessionType, SubmitRequest
from tests.client.support import NOW, Backend, accepted, answer, changed, lines, make_older, refused, session

CUT = httpx.ReadError("reset")
SILENCE = httpx.ReadTimeout("nothing")
NO_SERVER = httpx.ConnectError("refused")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


async def test_the_entry_is_in_the_journal_before_the_request_leaves(path: Path) -> None:
    seen: list[str] = []

    def look(request: httpx.Request) -> httpx.Response:
        (entry,) = lines(path)
        assert entry["key"] == request.headers["idempotency-key"]
        assert entry["body"] == request.content.decode() == '{"requestId":"session-1"}'
        assert entry["path"] == "/api/mechanic/accept" == request.url.path
        seen.append(entry["key"])
        return accepted(session(status="waiting"))

    async with Backend([look]).mechanic(path) as client:
        assert (await client.accept("session-1")).sessionId == "session-1"
    assert len(seen) == 1
    assert lines(path)[1] == {"key": seen[0], "outcome": "done"}


async def test_the_token_is_never_in_the_journal(path: Path) -> None:
    backend = Backend([CUT])
    with pytest.raises(OutcomeUnknown):
        await backend.mechanic(path).accept("session-1")
    assert "mtm_secret" not in str(lines(path))
    assert backend.asked[0].headers["authorization"] == "Bearer mtm_secret"
    assert backend.asked[0].headers["mechtui-api"] == "1"


async def test_a_journal_that_cannot_be_written_keeps_the_request_here(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    backend = Backend([accepted(session())])
    with pytest.raises(NoJournal, match="Nothing was sent"):
        await backend.mechanic(tmp_path / "file" / "journal.jsonl").accept("session-1")
    assert backend.asked == []


@pytest.mark.parametrize(
    "lost",
    [
        CUT,
        SILENCE,
        NO_SERVER,
        httpx.RemoteProtocolError("half an answer"),
        answer(500, {}),
        answer(503, {"error": "busy", "code": "UNAVAILABLE"}),
        refused(409, "IN_FLIGHT"),
        refused(429, "SLOW_DOWN"),
        httpx.Response(200, text="<html>please log in"),
        httpx.Response(302, headers={"location": "http://portal.test/"}),
        httpx.Response(404, text="<html>nginx"),
    ],
)
async def test_a_lost_answer_is_asked_for_again_with_the_same_key(path: Path, lost: httpx.Response | Exception) -> None:
    backend = Backend([lost, lost, accepted(session(status="waiting"))])
    assert (await backend.mechanic(path).accept("session-1")).session.status == "waiting"
    assert len(backend.asked) == 3
    assert len(set(backend.keys)) == 1
    assert uuid.UUID(str(backend.keys[0])).version == 4
    assert {request.content for request in backend.asked} == {b'{"requestId":"session-1"}'}
    assert Journal(path).unsettled() == []


async def test_two_wishes_have_two_keys(path: Path) -> None:
    backend = Backend([changed(session())])
    client = backend.mechanic(path)
    await client.join("session-1")
    await client.join("session-1")
    assert len(set(backend.keys)) == 2


async def test_pauses_are_jittered_and_end_in_time(path: Path) -> None:
    backend = Backend([NO_SERVER])
    with pytest.raises(Unreachable):
        await backend.mechanic(path).accept("session-1")
    assert backend.slept[:5] == [0.25, 0.5, 1.0, 2.0, 2.0]
    assert backend.now < WRITE_SECONDS


async def test_one_attempt_leaves_time_for_another() -> None:
    backend = Backend([accepted(session())])
    await backend.mechanic().accept("session-1")
    assert backend.asked[0].extensions["timeout"]["read"] == ATTEMPT_SECONDS < WRITE_SECONDS / 2


async def test_never_sent_is_unreachable_and_settled(path: Path) -> None:
    with pytest.raises(Unreachable, match="no connection"):
        await Backend([NO_SERVER, httpx.ConnectTimeout("slow")]).mechanic(path).accept("session-1")
    assert Journal(path).unsettled() == []
    assert lines(path) == []


@pytest.mark.parametrize("maybe", [CUT, SILENCE, answer(502, {}), refused(409, "IN_FLIGHT")])
async def test_one_attempt_that_may_have_arrived_makes_it_unknown(
    path: Path, maybe: httpx.Response | Exception
) -> None:
    backend = Backend([NO_SERVER, maybe, NO_SERVER])
    with pytest.raises(OutcomeUnknown, match="not known") as caught:
        await backend.mechanic(path).accept("session-1")
    assert [entry.key for entry in Journal(path).unsettled()] == [caught.value.key] == list(set(backend.keys))


REFUSALS = [
    (400, Code.IDEMPOTENCY_KEY_REQUIRED, Invalid),
    (403, Code.NOT_ELIGIBLE, NotEligible),
    (404, Code.NOT_FOUND, NotFound),
    (405, Code.METHOD_NOT_ALLOWED, Refused),
    (408, Code.TOO_SLOW, Refused),
    (409, Code.PASSED_ON, NotEligible),
    (409, Code.NO_OFFER, OfferGone),
    (409, Code.COLLEAGUE_CANNOT, Refused),
    (409, Code.SESSION_HELD, Refused),
    (409, Code.NOT_LIVE, Refused),
    (409, Code.ALREADY_TAKEN, AlreadyTaken),
    (409, Code.MECHANIC_HAS_ACTIVE_SESSION, MechanicBusy),
    (409, Code.CUSTOMER_HAS_OPEN_SESSION, Refused),
    (409, Code.NOT_HELD, Refused),
    (409, Code.NOT_ACCEPTED_YET, Refused),
    (409, Code.SESSION_LIVE, Refused),
    (409, Code.NOT_COMPLETED, Refused),
    (409, Code.ALREADY_RATED, Refused),
    (409, Code.ALREADY_SUMMARIZED, Refused),
    (409, Code.DATA_REMOVED, Refused),
    (410, Code.REQUEST_EXPIRED, RequestGone),
    (410, Code.REQUEST_CANCELLED, RequestGone),
    (410, Code.REQUEST_ENDED, RequestGone),
    (410, Code.SESSION_ENDED, RequestGone),
    (413, Code.TOO_LARGE, Invalid),
    (421, Code.MISDIRECTED, Refused),
    (422, Code.INVALID, Invalid),
    (422, Code.IDEMPOTENCY_KEY_REUSED, Invalid),
]
NO_REFUSALS = {Code.SIGNED_OUT, Code.FORBIDDEN, Code.TOO_OLD, Code.TOO_MANY, Code.IN_FLIGHT, Code.UNAVAILABLE}


def test_every_code_of_the_protocol_has_its_error() -> None:
    assert {code for _, code, _ in REFUSALS} | NO_REFUSALS == set(Code)


@pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
async def test_a_refusal_is_its_own_error_and_is_settled(
    path: Path, status: int, code: Code, kind: type[Refused]
) -> None:
    backend = Backend([refused(status, code)])
    with pytest.raises(kind, match=f"Because of {code}") as caught:
        await backend.mechanic(path).accept("session-1")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.status) == (code, status)
    assert len(backend.asked) == 1
    assert Journal(path).unsettled() == []


async def test_a_refusal_after_a_lost_answer_is_the_outcome(path: Path) -> None:
    with pytest.raises(AlreadyTaken):
        await Backend([CUT, refused(409, "ALREADY_TAKEN")]).mechanic(path).accept("session-1")
    assert Journal(path).unsettled() == []


def too_many(seconds: int) -> httpx.Response:
    """The backend's word to wait."""
    told = refused(429, "TOO_MANY")
    told.headers["retry-after"] = str(seconds)
    return told


async def test_one_too_many_waits_as_long_as_it_is_told_and_is_asked_again_under_its_key(path: Path) -> None:
    backend = Backend([too_many(3), accepted(session())])
    assert (await backend.mechanic(path).accept("session-1")).sessionId == "session-1"
    assert backend.slept == [3.25]
    assert len(set(backend.keys)) == 1


@pytest.mark.parametrize("seconds", [2, 3600])
async def test_one_too_many_in_the_end_was_surely_not_done_and_says_so(path: Path, seconds: int) -> None:
    backend = Backend([too_many(seconds)])
    with pytest.raises(TooMany, match="Because of TOO_MANY"):
        await backend.mechanic(path).accept("session-1")
    assert Journal(path).unsettled() == []
    assert backend.now < WRITE_SECONDS


async def test_one_too_many_after_a_lost_answer_leaves_it_unknown(path: Path) -> None:
    with pytest.raises(OutcomeUnknown):
        await Backend([CUT, too_many(3)]).mechanic(path).accept("session-1")
    assert len(Journal(path).unsettled()) == 1


async def test_a_read_too_many_waits_once_and_not_for_long() -> None:
    empty: dict[str, Any] = {"items": [], "next_cursor": None, "total": 0, "seq": 1, "server_now": NOW.isoformat()}
    backend = Backend([too_many(1), answer(200, empty)])
    with pytest.raises(TooMany):
        await Backend([too_many(1)]).mechanic().active()
    with pytest.raises(TooMany):
        await Backend([too_many(3600)]).mechanic().active()
    await backend.mechanic().active()
    assert backend.slept == [1.0]


async def test_who_took_it_and_when_is_told() -> None:
    taken = refused(409, "ALREADY_TAKEN", by={"id": "m2", "name": "Sam\x1b[31m"}, at="2026-01-31T12:00:00.000Z")
    with pytest.raises(AlreadyTaken) as caught:
        await Backend([taken]).mechanic().accept("session-1")
    assert caught.value.by is not None
    assert caught.value.by.name == "Sam\x1b[31m"
    assert caught.value.at == NOW


async def test_the_session_in_the_way_is_told() -> None:
    busy = refused(409, "MECHANIC_HAS_ACTIVE_SESSION", session_id="s9", url="http://backend.test/chat/s9")
    with pytest.raises(MechanicBusy) as caught:
        await Backend([busy]).mechanic().accept("session-1")
    assert (caught.value.session_id, caught.value.url) == ("s9", "http://backend.test/chat/s9")


async def test_a_refusal_told_in_a_form_of_the_future_still_counts() -> None:
    with pytest.raises(AlreadyTaken):
        await Backend([refused(409, "ALREADY_TAKEN", by=["Sam", "Dana"], at="soon")]).mechanic().accept("session-1")
    with pytest.raises(Refused, match="BLUE_MOON"):
        await Backend([refused(418, "BLUE_MOON")]).mechanic().accept("session-1")


async def test_words_of_the_backend_cannot_act_on_the_terminal() -> None:
    hostile = answer(409, {"error": "\x1b]0;owned\x07 no \u202e", "code": "NOT_HELD"})
    with pytest.raises(Refused) as caught:
        await Backend([hostile]).mechanic().release("session-1")
    assert str(caught.value).isprintable()
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(("status", "code"), [(401, "SIGNED_OUT"), (403, "FORBIDDEN")])
async def test_signed_out_settles_only_what_surely_did_not_happen(path: Path, status: int, code: str) -> None:
    with pytest.raises(SignedOut) as caught:
        await Backend([refused(status, code)]).mechanic(path).accept("session-1")
    assert caught.value.code == code
    assert Journal(path).unsettled() == []
    with pytest.raises(SignedOut):
        await Backend([CUT, refused(status, code)]).mechanic(path).accept("session-1")
    assert len(Journal(path).unsettled()) == 1


async def test_too_old_says_which_side() -> None:
    with pytest.raises(TooOld, match="terminal is too old") as caught:
        await Backend([refused(426, "TOO_OLD")]).mechanic().accept("session-1")
    assert caught.value.side == "terminal"
    with pytest.raises(TooOld, match="backend is too old: its answer has no session") as caught:
        await Backend([answer(200, {"sessionId": "s"})]).mechanic().accept("session-1")
    assert caught.value.side == "backend"


async def test_a_2xx_that_is_not_understood_is_done_all_the_same(path: Path) -> None:
    with pytest.raises(TooOld):
        await Backend([answer(200, {"sessionId": 7, "session": 3})]).mechanic(path).accept("session-1")
    assert Journal(path).unsettled() == []


async def test_a_settled_line_that_cannot_be_written_hides_no_outcome(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def fill(_: httpx.Request) -> httpx.Response:
        monkeypatch.setattr("mechtui.journal._write_all", full)
        return accepted(session(status="waiting"))

    assert (await Backend([fill]).mechanic(path).accept("session-1")).session.status == "waiting"
    assert "No space left" in caplog.text


# --- after a crash ------------------------------------------------------------------------------------------


async def _lost(path: Path, *steps: httpx.Response | Exception) -> str:
    with pytest.raises(OutcomeUnknown) as caught:
        await Backend([*steps, CUT]).mechanic(path).accept("session-1")
    return caught.value.key


async def test_settle_asks_with_the_same_key_and_body(path: Path) -> None:
    key = await _lost(path)
    later = Backend([accepted(session(status="waiting"))])
    (settled,) = await later.mechanic(path).settle()
    assert (settled.key, settled.verdict, settled.what) == (key, Verdict.DONE, "accept of session-1")
    assert settled.session is not None
    assert settled.session.id == "session-1"
    assert later.keys == [key]
    assert later.asked[0].content == b'{"requestId":"session-1"}'
    assert later.asked[0].url.path == "/api/mechanic/accept"
    assert await later.mechanic(path).settle() == []
    assert len(later.asked) == 1


async def test_settle_after_a_kill_between_journal_and_answer(path: Path) -> None:
    arrived = asyncio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError("never answered")

    client = MechanicClient(
        "http://backend.test", "mtm_secret", journal=Journal(path), transport=httpx.MockTransport(hang)
    )
    task = asyncio.create_task(client.accept("session-1"))
    await arrived.wait()
    assert await client.settle() == []  # it is under way here: its own caller will know
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (settled,) = await Backend([refused(409, "ALREADY_TAKEN")]).mechanic(path).settle()
    assert settled.verdict is Verdict.REFUSED
    assert str(settled).startswith("An earlier accept of session-1: refused: Because of ALREADY_TAKEN.")


async def test_settle_without_a_backend_leaves_everything_open(path: Path) -> None:
    keys = [await _lost(path), await _lost(path)]
    backend = Backend([NO_SERVER])
    settled = await backend.mechanic(path).settle()
    assert [(one.key, one.verdict) for one in settled] == [(key, Verdict.UNKNOWN) for key in keys]
    assert set(backend.keys) == {keys[0]}
    assert [entry.key for entry in Journal(path).unsettled()] == keys


async def test_nobody_settles_with_another_token(path: Path) -> None:
    await _lost(path)
    backend = Backend([accepted(session())])
    assert await backend.mechanic(path, token="mtm_other").settle() == []
    assert backend.asked == []
    assert len(Journal(path).unsettled()) == 1


async def test_what_is_a_day_old_is_not_done_now(path: Path) -> None:
    await _lost(path)
    make_older(path, hours=25)
    backend = Backend([accepted(session())])
    (settled,) = await backend.mechanic(path).settle()
    assert settled.verdict is Verdict.TOO_LATE
    assert backend.asked == []
    assert Journal(path).unsettled() == []


# --- the desk -----------------------------------------------------------------------------------------------


async def test_the_desk_submits_exactly_what_was_written(path: Path) -> None:
    row = session()
    backend = Backend([answer(201, {"session": row.model_dump(mode="json"), "customer_token": "mtc_1"})])
    request = SubmitRequest(type=SessionType.VIDEO, name=" Maria\x1b ", concern="a\nb", history=("2019 pads",))
    submitted = await backend.desk(path).submit(request)
    assert submitted.customer_token == "mtc_1"
    assert SubmitRequest.model_validate_json(backend.asked[0].content) == request


@pytest.mark.parametrize(
    ("call", "path_", "body"),
    [
        (lambda desk: desk.join("s 1"), "/api/sessions/s%201/join", b""),
        (lambda desk: desk.cancel("s1", "late"), "/api/sessions/s1/cancel", b'{"reason":"late"}'),
        (lambda desk: desk.end("s1"), "/api/sessions/s1/end", b'{"reason":""}'),
        (lambda desk: desk.rate("s1", 5, "ok"), "/api/sessions/s1/rate", b'{"rating":5,"comment":"ok"}'),
    ],
)
async def test_the_desk_acts_for_customers(call: object, path_: str, body: bytes) -> None:
    backend = Backend([changed(session())])
    assert callable(call)
    await call(backend.desk())
    assert backend.asked[0].url.raw_path.decode() == path_
    assert backend.asked[0].content == body


async def test_a_write_without_a_session_is_settled_like_all_others(path: Path) -> None:
    with pytest.raises(OutcomeUnknown):
        await Backend([CUT]).mechanic(path).set_availability(Availability.BREAK)
    (settled,) = await Backend([answer(200, {"availability": "break"})]).mechanic(path).settle()
    assert (settled.verdict, settled.session) == (Verdict.DONE, None)
    assert str(settled) == "An earlier change of availability: done"
