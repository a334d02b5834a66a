"""Who is told who reads a request."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.server.test_hub import Bay, Terminal


@pytest.fixture
async def bay(database: str) -> AsyncIterator[Bay]:
    opened = Bay(database)
    for terminal in opened.terminals:
        await opened.connect(terminal)
    yield opened
    await opened.floor.close()


def told(terminal: Terminal) -> list[tuple[str, list[str]]]:
    """What a terminal was told of readers since it was last asked."""
    frames = [json.loads(text) for text in terminal.line.sent]
    terminal.read()
    return [(frame["session"], frame["by"]) for frame in frames if frame["t"] == "reading"]


async def test_those_who_may_take_it_are_told_who_reads_it_and_when_he_stops(bay: Bay) -> None:
    ann, bob, chats_only = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.settle()
    assert ann.viewer is not None
    bay.hub.read(ann.viewer, video)
    assert [told(terminal) for terminal in (ann, bob, chats_only)] == [[(video, [])], [(video, ["Ann"])], []]
    bay.hub.read(ann.viewer, None)
    assert told(bob) == [(video, [])]


async def test_one_who_connects_is_told_and_one_who_is_cut_off_reads_no_longer(bay: Bay) -> None:
    ann, bob, _ = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.settle()
    assert ann.viewer is not None
    bay.hub.read(ann.viewer, video)
    await bay.connect(bob)
    assert told(bob) == [(video, ["Ann"])]
    ann.cut(bay.hub)
    assert told(bob) == [(video, [])]


async def test_what_is_not_open_is_nobodys_business(bay: Bay) -> None:
    ann, bob, _ = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.floor.accept(bay.floor.ann, video)
    await bay.settle()
    assert ann.viewer is not None
    for session_id in (video, "no such session"):
        bay.hub.read(ann.viewer, session_id)
    assert told(bob) == []
    assert bay.floor.seq == bay.hub.seq
