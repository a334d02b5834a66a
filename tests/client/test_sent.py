"""`--json` prints what the backend sent: fields this version does not know, times as spelt there, all in ASCII."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mechtui.api_client import MechanicClient
from mechtui.cli import run
from mechtui.commands.sent import FeedText
from mechtui.exits import Exit
from tests.client.support import answer, session

NEWER: dict[str, Any] = session().model_dump(mode="json", exclude={"created_at"}) | {
    "customer_name": "Zoë 漢 \x1b]0;x\x07",
    "created_at": "2026-01-31T12:00:00.000Z",
    "mood": {"tone": "cross", "since": 1},
}
DETAIL = {"session": NEWER, "events": [], "weather": "rain"}
PAGE: dict[str, Any] = {
    "items": [NEWER, NEWER | {"id": "session-2", "type": "chat"}],
    "next_cursor": None,
    "total": 2,
    "seq": 7,
}
PAGE |= {"server_now": "2026-01-31T12:00:00.000Z"}
WON = {"sessionId": "session-1", "session": NEWER, "luck": True}
SUBMITTED = {"session": NEWER, "customer_token": "mtc_x", "greeting": "Grüezi"}


def respond(request: httpx.Request) -> httpx.Response:
    match request.url.path.rsplit("/", 1)[-1]:
        case "requests":
            return answer(200, PAGE)
        case "accept":
            return answer(200, WON)
        case "intakes":
            return answer(201, SUBMITTED)
        case "session-1":
            return answer(200, DETAIL)
        case _:
            return answer(200, {"session": NEWER, "luck": False})


@pytest.fixture(autouse=True)
def _newer_backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MECHTUI_TOKEN", "mtm_secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    transport = httpx.MockTransport(respond)
    whole = httpx.AsyncClient.__init__

    def through_the_mock(client: httpx.AsyncClient, **options: Any) -> None:
        whole(client, **options | {"transport": transport})

    monkeypatch.setattr(httpx.AsyncClient, "__init__", through_the_mock)


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["list", "incoming", "--json"], PAGE["items"]),
        (["show", "session-1", "--json"], [DETAIL]),
        (["accept", "session-1", "--json"], [WON]),
        (["next", "--json"], [WON]),
        (["join", "session-1", "--json"], [{"session": NEWER, "luck": False}]),
        (["release", "session-1", "--json"], [{"session": NEWER, "luck": False}]),
        (["end", "session-1", "--json"], [{"session": NEWER, "luck": False}]),
    ],
)
def test_nothing_is_lost_or_spelt_anew(
    arguments: list[str], lines: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == Exit.DONE
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert printed == "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def test_a_submit_prints_the_answer_as_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"type": "chat", "name": "Zoë", "concern": "rattle"}))
    assert run(["submit", str(file)]) == Exit.DONE
    assert json.loads(capsys.readouterr().out) == NEWER | {"customer_token": "mtc_x"}


async def test_the_text_of_an_answer_is_heard_before_its_model_is_had() -> None:
    heard: list[bytes] = []
    async with MechanicClient("http://backend.test", "mtm_secret", heard=heard.append) as client:
        detail = await client.session("session-1")
    assert [json.loads(content) for content in heard] == [DETAIL]
    assert not hasattr(detail, "weather")


def test_rows_of_a_feed_are_those_of_the_last_snapshot() -> None:
    sent = FeedText()
    sent.hear(json.dumps({"t": "snapshot", "seq": 5, "sessions": [NEWER]}))
    sent.hear(json.dumps({"t": "snapshot", "seq": 5, "sessions": [NEWER | {"id": "session-2"}]}))
    assert [sent.row(name)["mood"]["tone"] for name in ("session-1", "session-2")] == ["cross", "cross"]
    sent.hear(json.dumps({"t": "snapshot", "seq": 6, "sessions": [NEWER | {"mood": None}]}))
    assert sent.row("session-1")["mood"] is None
    with pytest.raises(KeyError):
        sent.row("session-2")


def test_an_event_has_its_four_parts_as_sent() -> None:
    sent = FeedText()
    event = {"seq": 6, "kind": "created", "at": "2026-01-31T12:00:00.000Z", "session": NEWER, "gone": False}
    sent.hear(json.dumps({"t": "delta", "from": 5, "to": 6, "events": [event]}))
    assert sent.event(6) == {name: event[name] for name in ("seq", "kind", "at", "session")}
