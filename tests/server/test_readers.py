"""Who is told who reads a request."""

import json
from pathlib import Path

from tests.server.test_hub import Bay, Terminal


async def opened(folder: Path) -> Bay:
    bay = Bay(folder)
    for terminal in bay.terminals:
        await bay.connect(terminal)
    return bay


def told(terminal: Terminal) -> list[tuple[str, list[str]]]:
    """What a terminal was told of readers since it was last asked."""
    frames = [json.loads(text) for text in terminal.line.sent]
    terminal.read()
    return [(frame["session"], frame["by"]) for frame in frames if frame["t"] == "reading"]


async def test_those_who_may_take_it_are_told_who_reads_it_and_when_he_stops(tmp_path: Path) -> None:
    bay = await opened(tmp_path)
    ann, bob, chats_only = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.settle()
    assert ann.viewer is not None
    bay.hub.read(ann.viewer, video)
    assert [told(terminal) for terminal in (ann, bob, chats_only)] == [[(video, [])], [(video, ["Ann"])], []]
    bay.hub.read(ann.viewer, None)
    assert told(bob) == [(video, [])]
    await bay.floor.store.close()


async def test_one_who_connects_is_told_and_one_who_is_cut_off_reads_no_longer(tmp_path: Path) -> None:
    bay = await opened(tmp_path)
    ann, bob, _ = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.settle()
    assert ann.viewer is not None
    bay.hub.read(ann.viewer, video)
    await bay.connect(bob)
    assert told(bob) == [(video, ["Ann"])]
    ann.cut(bay.hub)
    assert told(bob) == [(video, [])]
    await bay.floor.store.close()


async def test_what_is_not_open_is_nobodys_business(tmp_path: Path) -> None:
    bay = await opened(tmp_path)
    ann, bob, _ = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.floor.accept(bay.floor.ann, video)
    await bay.settle()
    assert ann.viewer is not None
    for session_id in (video, "no such session"):
        bay.hub.read(ann.viewer, session_id)
    assert told(bob) == []
    assert bay.floor.seq == bay.hub.seq
    await bay.floor.store.close()
