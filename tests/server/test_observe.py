"""What is seen of a backend from outside: health, figures, lines; and that nothing anybody wrote is in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from mechtui.config import ConfigError, server_settings
from mechtui.frames import FEED_PATH, Hello
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError
from tests.server.live import Shop, open_shop

PERSONAL = {"name": "Ottoline Quimby", "phone": "555-0177", "email": "ottoline@example.com", "concern": "it sobs"}


async def race(shop: Shop) -> str:
    """A request that Ann takes and Bob does not get."""
    session_id = await shop.submit(**PERSONAL)
    assert (await shop.accept(session_id)).status_code == 200
    assert (await shop.accept(session_id, shop.bob.token)).status_code == 409
    return session_id


async def figures(shop: Shop) -> dict[str, float]:
    """What stands at `/metrics`, asked for without a token."""
    answer = await shop.http.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


async def test_figures_count_what_happened(database: str) -> None:
    async with open_shop(database, metrics=True) as shop:
        await race(shop)
        await shop.submit(name="Another")
        seen = await figures(shop)
        assert seen['mechtui_events_total{kind="created"}'] == 2
        assert seen['mechtui_events_total{kind="accepted"}'] == 1
        assert seen["mechtui_races_lost_total"] == 1
        assert seen["mechtui_commit_events_sum"] == 3
        assert seen["mechtui_feed_lag_seconds_count"] == seen["mechtui_commit_events_count"]
        assert seen["mechtui_open_requests"] == 1
        assert seen["mechtui_held_sessions"] == 1
        assert seen['mechtui_answer_seconds_count{method="POST",route="/api/mechanic/accept",status="409"}'] == 1


async def test_figures_know_the_terminals(database: str) -> None:
    async with open_shop(database, metrics=True) as shop:
        headers = {"Authorization": f"Bearer {shop.ann.token}"}
        async with connect(f"ws://127.0.0.1:{shop.backend_port}{FEED_PATH}", additional_headers=headers) as line:
            await line.send(Hello().model_dump_json())
            await line.recv()
            assert (await figures(shop))["mechtui_terminals"] == 1
        while (await figures(shop))["mechtui_terminals"]:
            pass


async def test_there_are_no_figures_unless_asked_for(shop: Shop) -> None:
    assert (await shop.http.get("/metrics")).status_code == 404


async def test_lines_tell_each_event_and_refusal(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_shop(database, log="json") as shop:
        session_id = await race(shop)
    lines = lines_of(capsys.readouterr().err)
    assert [line["event"] for line in lines] == ["serving", "created", "accepted", "refused", "stopped"]
    assert {line["session"] for line in lines[1:3]} == {session_id}
    assert lines[2]["mechanic"] == shop.ann.id
    assert lines[3] | {"ms": 0, "at": ""} == {
        "at": "", "event": "refused", "method": "POST", "route": "/api/mechanic/accept",
        "who": f"mechanic:{shop.bob.id}", "status": 409, "code": "ALREADY_TAKEN", "ms": 0,
    }  # fmt: skip


async def test_nothing_that_anybody_wrote_is_told(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_shop(database, log="json", metrics=True) as shop:
        session_id = await race(shop)
        await shop.act(session_id, "release", shop.ann.token, reason="weepy")
        await shop.get("/api/nowhere/\u202eweepy%1b]0;x?q=weepy")
        await shop.get(f"/api/sessions/{'weepy' * 9}")
        told = (await shop.http.get("/metrics")).text
    told += capsys.readouterr().err
    assert '"event":"released"' in told
    secrets = [shop.ann.token, shop.desk.token, shop.customers[session_id], "Ann", "weepy", "\u202e"]
    assert [word for word in (*PERSONAL.values(), *secrets) if word in told] == []


async def test_health_says_why_it_is_not_ready(shop: Shop) -> None:
    ready = await shop.http.get("/api/health")
    assert (ready.status_code, ready.json()["status"], ready.json()["why"]) == (200, "ok", "")
    shop.backend.farewell()
    leaving = await shop.http.get("/api/health")
    assert (leaving.status_code, leaving.json()["why"]) == (503, "it is being stopped")


def test_a_form_of_lines_there_is_not_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[server]\nlog = "xml"\n')
    with pytest.raises(ConfigError, match='a right line: log = "json"'):
        server_settings(environ={"MECHTUI_CONFIG": str(file)})


@pytest.mark.parametrize("gone", [DatabaseBusyError, OutcomeUnknownError])
async def test_tidying_up_waits_for_a_database_that_is_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, gone: type[Exception]
) -> None:
    """A backend whose chore ends stops: a line lost while it tidies up must not be enough for that."""

    async def lost(_: object) -> None:
        raise gone

    monkeypatch.setattr(shop.backend.store, "run", lost)
    await shop.backend._tidy(lambda tx: None)
