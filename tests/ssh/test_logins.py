"""What a mechanic does who logs in: the job, and leaving in every way there is."""

import asyncio
import os
import resource
import signal
from pathlib import Path

import pytest

from mechtui.server import accounts
from mechtui.ssh.login import Login
from tests.engines import PostgresServer
from tests.ssh.support import PATIENCE, Way, open_terminal, open_way


async def test_the_main_job_by_keys(way: Way) -> None:
    session = await way.shop.submit(concern="grinding when braking")
    async with way.connect() as line:
        terminal = await open_terminal(line)
        await terminal.until("grinding when braking")
        terminal.press("a")
        await terminal.until("Active 1")
        await terminal.until("Enter to Active")
        terminal.press("\r")
        await terminal.until("e end", gone="Accepted: it is yours")
        assert (await way.shop.act(session, "join")).status_code == 200
        terminal.press("o")
        await terminal.until("The session's page")
        terminal.press("\x1b")
        await terminal.until("of 45m", gone="The session's page")
        terminal.press("e")
        await terminal.until("Enter end it")
        terminal.press("\r")
        await terminal.until("FINDINGS")
        terminal.press("\x1b")
        await terminal.until("Active 0   3 Completed 1", gone="FINDINGS")
        terminal.press("q")
        assert await terminal.ended() == 0
    assert (await way.shop.get(f"/api/sessions/{session}")).json()["session"]["status"] == "completed"


async def test_a_lost_line_loses_nothing(way: Way) -> None:
    await way.shop.submit(concern="grinding when braking")
    async with way.connect() as line:
        terminal = await open_terminal(line)
        await terminal.until("grinding when braking")
        terminal.press("a")
        await terminal.until("Active 1")
        (child,) = way.children
        line.abort()
    await asyncio.wait_for(child.ending, PATIENCE)
    async with way.connect() as line:
        again = await open_terminal(line)
        await again.until("Active 1")


async def test_the_window_is_resized(way: Way) -> None:
    async with way.connect() as line:
        terminal = await open_terminal(line, size=(80, 24))
        await terminal.until("LIVE")
        terminal.resize(130, 40)
        await terminal.until("─" * 130)


async def test_each_mechanic_sees_his_own(way: Way) -> None:
    bob = way.let_in(way.shop.bob.id)
    async with way.connect() as hers, way.connect(bob) as his:
        ann, bobs = await open_terminal(hers), await open_terminal(his)
        await ann.until("Ann")
        await bobs.until("Bob")
    assert {home.name for home in way.house.settings.homes.iterdir()} == {way.shop.ann.id, way.shop.bob.id}


async def test_a_crash_leaves_the_others_and_is_told(way: Way) -> None:
    bob = way.let_in(way.shop.bob.id)
    async with way.connect() as hers, way.connect(bob) as his:
        ann = await open_terminal(hers)
        await ann.until("LIVE")
        (child,) = way.children
        bobs = await open_terminal(his)
        await bobs.until("LIVE")
        child.signal(signal.SIGSEGV)
        assert await ann.ended() == 128 + signal.SIGSEGV
        assert b"by a fault of its own (signal 11)" in ann.raw
        assert ann.raw.rfind(b"\x1b[?1049l") > ann.raw.rfind(b"\x1b[?1049h")
        assert any("out: signal 11" in line for line in way.told)
        await way.shop.submit(concern="still here")
        await bobs.until("still here")


async def test_who_does_not_read_piles_up_nothing_and_keeps_nobody_waiting(way: Way) -> None:
    bob = way.let_in(way.shop.bob.id)
    async with way.connect() as hers, way.connect(bob) as his:
        ann, bobs = await open_terminal(hers, window=16 * 1024), await open_terminal(his)
        await ann.until("LIVE")
        await bobs.until("LIVE")
        (login,) = [guest for guest in way.house._guests if guest.mechanic.id == way.shop.ann.id]
        assert isinstance(login, Login)
        channel = ann.process.channel
        channel.pause_reading()
        held = [0]
        while held[-1] == 0 or len(set(held[-20:])) > 1:
            ann.press("?\x1b" * 10)
            await asyncio.sleep(0.1)
            held.append(login._chan.get_write_buffer_size())
            assert held[-1] < 256 * 1024
        await way.shop.submit(concern="still here")
        await bobs.until("still here")
        channel.resume_reading()
        await ann.until("still here")


@pytest.mark.parametrize("name", ["CORE", "DATA", "FSIZE", "NOFILE"])
async def test_a_login_has_limits_and_gives_way(way: Way, name: str) -> None:
    limit = getattr(resource, f"RLIMIT_{name}")
    async with way.connect() as line:
        terminal = await open_terminal(line)
        await terminal.until("LIVE")
        (child,) = way.children
        soft, hard = resource.prlimit(child.pid, limit)
        assert soft == hard != resource.RLIM_INFINITY
        assert os.getpriority(os.PRIO_PROCESS, child.pid) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_a_fork_server_that_dies_is_replaced(way: Way) -> None:
    bob = way.let_in(way.shop.bob.id)
    async with way.connect() as hers, way.connect(bob) as his:
        ann = await open_terminal(hers)
        await ann.until("LIVE")
        os.kill(way.house.forking.pid, signal.SIGKILL)
        bobs = await open_terminal(his)
        await bobs.until("LIVE")
        await way.shop.submit(concern="still here")
        await ann.until("still here")
        await bobs.until("still here")


async def test_a_revoked_mechanic_is_sent_home(way: Way) -> None:
    bob = way.let_in(way.shop.bob.id)
    async with way.connect() as hers, way.connect(bob) as his:
        ann, bobs = await open_terminal(hers), await open_terminal(his)
        await ann.until("LIVE")
        await bobs.until("LIVE")
        accounts.revoke_mechanic(way.shop.database, way.shop.ann.id)
        await ann.ended()
        assert b"opens nothing any more" in ann.raw
        await way.shop.submit(concern="still here")
        await bobs.until("still here")


async def test_a_front_before_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database() as database:
        async with open_way(database, tmp_path) as way, way.connect() as line:
            ann = await open_terminal(line)
            await ann.until("LIVE")
            accounts.revoke_mechanic(database, way.shop.ann.id)
            await ann.ended()
            assert b"opens nothing any more" in ann.raw


async def test_who_presses_nothing_is_sent_home(tmp_path: Path) -> None:
    async with (
        open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path, idle_minutes=1 / 60) as way,
        way.connect() as line,
    ):
        terminal = await open_terminal(line)
        await terminal.ended()
        assert b"you pressed no key" in terminal.raw


async def test_nobody_is_left_when_the_front_closes(tmp_path: Path) -> None:
    async with open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path) as way:
        line = await way.connect()
        terminal = await open_terminal(line)
        await terminal.until("LIVE")
        (child,) = way.children
    assert await terminal.ended() == 128 + signal.SIGTERM
    assert b"the door is being closed" in terminal.raw
    assert child.ending.done()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
