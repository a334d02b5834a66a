"""What the commands that follow the feed make of it, without a backend."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mechtui.commands import following
from mechtui.commands.sent import FeedText
from mechtui.config import ClientSettings
from mechtui.exits import CommandError, Exit
from mechtui.frames import FeedEvent
from mechtui.models import Counts, Person
from mechtui.replica import EventApplied, LinkChanged, LinkState, Replica, SnapshotApplied, Update
from tests.client.support import NOW, SERVER, Backend, accepted, refused, session

SETTINGS = ClientSettings(SERVER, "mtm_secret", "a test", Path("/nowhere"))
SNAPSHOT = SnapshotApplied("e1", 5, (), Counts(), Person(id="m1", name="Dana"))


def follow(monkeypatch: pytest.MonkeyPatch, *updates: Update) -> None:
    """Let the feed say just this; rows of events are held as the real one would hold them."""

    @asynccontextmanager
    async def feed(_: object, __: object, replica: Replica, sent: FeedText) -> AsyncIterator[AsyncIterator[Update]]:
        async def said() -> AsyncIterator[Update]:
            for update in updates:
                if isinstance(update, EventApplied):
                    replica.rows[update.event.session.id] = update.event.session
                if isinstance(update, SnapshotApplied):
                    replica.rows = {row.id: row for row in update.sessions}
                    rows = [row.model_dump(mode="json") for row in update.sessions]
                    sent.hear(json.dumps({"seq": update.seq, "sessions": rows}))
                yield update

        yield said()

    monkeypatch.setattr(following, "_feed", feed)


async def test_a_snapshot_that_says_nothing_new_is_not_printed_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = SnapshotApplied("e1", 6, (session(1),), SNAPSHOT.counts, SNAPSHOT.me)
    follow(monkeypatch, SNAPSHOT, LinkChanged(LinkState.POLLING), SNAPSHOT, newer, newer)
    await following.watch(SETTINGS, Backend([]).mechanic(), FeedText())
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [5, 6]


@pytest.mark.parametrize(
    ("state", "code"), [(LinkState.SIGNED_OUT, Exit.SIGNED_OUT), (LinkState.TOO_OLD, Exit.NOT_REACHED)]
)
async def test_the_last_state_of_the_line_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, state: LinkState, code: Exit
) -> None:
    follow(monkeypatch, LinkChanged(state, "revoked"))
    with pytest.raises(CommandError, match=f"{state}: revoked") as caught:
        await following.watch(SETTINGS, Backend([]).mechanic(), FeedText())
    assert caught.value.code is code


async def test_a_waiting_next_takes_urgent_first_and_asks_for_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (session(1), session(2), session(3, urgent=True), session(4, status="waiting"))
    came = EventApplied(FeedEvent(seq=6, kind="created", at=NOW, session=session(5)), news=True)
    follow(monkeypatch, SnapshotApplied("e1", 5, rows, SNAPSHOT.counts, SNAPSHOT.me), came)
    taken = refused(409, "ALREADY_TAKEN")
    backend = Backend([taken, taken, taken, accepted(session(5, status="waiting"))])
    won = await following.next_request(SETTINGS, backend.mechanic(), wait=True)
    assert won.sessionId == "session-5"
    asked = [json.loads(request.content)["requestId"] for request in backend.asked]
    assert asked == ["session-3", "session-1", "session-2", "session-5"]
