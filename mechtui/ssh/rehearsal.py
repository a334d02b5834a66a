"""The dashboard played once without a terminal, before anybody logs in: what it builds when first used is then shared.

Its backend is a few frames of the feed on a line of this process with itself.
"""

import asyncio
import http
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mechtui.api_client import MechanicClient
from mechtui.app import MechtuiApp, kept_by
from mechtui.config import ClientSettings
from mechtui.feed import Feed
from mechtui.frames import FEED_PATH, HEARTBEAT_SECONDS
from mechtui.journal import Journal
from mechtui.models import API_VERSION
from mechtui.replica import Replica, digest_of
from mechtui.rows import Tab
from mechtui.terminal import Opener

SIZE = (100, 30)
_PATIENCE_SECONDS = 60.0
"""Only there to end a rehearsal that hangs: a slow machine may take its time."""
_KEYS = ("j", "enter", "escape", "question_mark", "escape", "slash", "escape")
"""The intake, the help, the search: opened and closed."""


def rehearse() -> None:
    """Play it to the end. Raises `TimeoutError` when no request was ever shown."""
    with tempfile.TemporaryDirectory(prefix="mechtui-rehearsal-") as folder:
        asyncio.run(_play(Path(folder)))


async def _play(folder: Path) -> None:
    async with serve(_speak, "127.0.0.1", 0, process_request=_decline) as backend:
        port = backend.sockets[0].getsockname()[1]
        settings = ClientSettings(
            f"http://127.0.0.1:{port}", "rehearsal", "nowhere", folder / "journal", downloads=folder
        )
        client = MechanicClient(settings.server, settings.token, journal=Journal(settings.journal))
        feed = Feed(settings.server, settings.token, Replica(), client.snapshot)
        app = MechtuiApp(client, feed, keeps=kept_by(settings), opener=Opener(()))
        async with app.run_test(size=SIZE) as pilot, asyncio.timeout(_PATIENCE_SECONDS):
            while not app.store.count(Tab.INCOMING):
                await pilot.pause(0.02)
            await pilot.press(*_KEYS)


async def _speak(line: ServerConnection) -> None:
    await line.recv()
    for frame in _frames(datetime.now(UTC)):
        await line.send(json.dumps(frame))
    await line.wait_closed()


def _decline(line: ServerConnection, request: Request) -> Response | None:
    """There is the feed, and nothing else."""
    if request.path == FEED_PATH:
        return None
    return line.respond(http.HTTPStatus.NOT_FOUND, json.dumps({"error": "not here", "code": "NOT_FOUND"}))


def _frames(now: datetime) -> list[dict[str, object]]:
    rows = [_row(number, now) for number in range(3)]
    counts = {"incoming": len(rows), "active": 0, "completed": 0, "history": 0}
    digest = digest_of((str(row["id"]), 1) for row in rows)
    return [
        {"t": "welcome", "api": API_VERSION, "epoch": "rehearsal", "seq": 1, "now": now.isoformat(),
         "heartbeat": HEARTBEAT_SECONDS, "mode": "snapshot", "me": {"id": "nobody", "name": "Nobody"},
         "counts": counts},
        {"t": "snapshot", "seq": 1, "sessions": rows},
        {"t": "snapshot_end", "seq": 1, "rows": len(rows), "digest": digest, "counts": counts},
    ]  # fmt: skip


def _row(number: int, now: datetime) -> dict[str, object]:
    return {
        "id": f"rehearsal-{number}", "type": ("chat", "video", "diagnostic")[number], "status": "pending",
        "customer_name": "Nobody", "vehicle": {"label": "2018 Toyota Camry", "year": "2018", "make": "Toyota"},
        "concern": "P0420 came up", "urgent": number == 0, "files_count": number, "version": 1,
        "created_at": now.isoformat(), "expires_at": (now + timedelta(minutes=10)).isoformat(),
        "plan": {"code": "chat30", "name": "Chat", "minutes": 30, "price_cents": 999, "mechanic_share_bp": 7000},
    }  # fmt: skip
