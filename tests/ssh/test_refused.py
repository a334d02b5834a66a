"""Whom and what the front does not let in, and that it says so in words."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from mechtui.ssh import door
from tests.hostile.judge import Allowed, findings
from tests.ssh.support import Way, open_terminal, open_way


async def ran(way: Way, command: str | None, **more: Any) -> tuple[int | None, str, str]:
    """One command without a terminal: status, output, errors."""
    async with way.connect() as line:
        done = await line.run(command, **more)
        return done.exit_status, str(done.stdout), str(done.stderr)


async def test_commands_for_scripts(way: Way) -> None:
    session = await way.shop.submit(concern="grinding when braking")
    status, out, _ = await ran(way, "mechtui list incoming")
    assert status == 0
    assert "grinding" in out
    status, out, _ = await ran(way, "mechtui next --json")
    assert status == 0
    assert session in out
    assert await ran(way, "mechtui end 123") == (
        1,
        "",
        "mechtui: There is no such session, or it is not yours to see.\n",
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sh", "here is no shell"),
        ("mechtui serve", "for the shop's own machine"),
        ("mechtui mechanic add Eve", "for the shop's own machine"),
        ("mechtui dtc import /etc/passwd", "for the shop's own machine"),
        ("mechtui list incoming; id", "invalid choice"),
        ("mechtui next && id", "unrecognized"),
        ("mechtui next --server http://10.0.0.1", "leave them out"),
        ("mechtui next --tok /etc/shadow", "leave them out"),
        ("mechtui --serv http://10.0.0.1 next", "leave them out"),
        ("mechtui export completed --out /tmp/x", "no file is written"),
        ("mechtui report 123", "no file is written"),
        ("mechtui 'next", "ends too early"),
    ],
)
async def test_any_other_command_is_refused(way: Way, command: str, words: str) -> None:
    status, out, err = await ran(way, command)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


async def test_without_a_terminal_there_is_no_dashboard(way: Way) -> None:
    status, out, err = await ran(way, None)
    assert (status, out) == (1, "")
    assert "needs a terminal: ssh -t" in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": (39, 24)}, "your screen has 39×24 characters"),
        ({"size": (80, 5)}, "your screen has 80×5 characters"),
        ({"term_type": "dumb"}, "cannot show the dashboard"),
    ],
)
async def test_a_terminal_that_will_not_do(way: Way, options: dict[str, Any], words: str) -> None:
    async with way.connect() as line:
        terminal = await open_terminal(line, **options)
        assert await terminal.ended() == 1
        assert words in terminal.raw.decode()


class Listener(asyncssh.SSHClient):
    """Hears what is said before anybody is in."""

    def __init__(self) -> None:
        self.heard = ""

    def auth_banner_received(self, msg: str, lang: str) -> None:
        self.heard += msg

    def kbdint_auth_requested(self) -> str:
        return ""


async def test_an_unknown_key_is_told_which(way: Way) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    client = Listener()
    with pytest.raises(asyncssh.PermissionDenied):
        async with way.connect(key, client_factory=lambda: client):
            pass
    assert key.get_fingerprint() in client.heard
    assert "mechtui mechanic key" in client.heard


async def test_no_password_opens(way: Way) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with way.connect(client_keys=None, password="secret"):
            pass


async def test_each_has_so_many_places(tmp_path: Path) -> None:
    async with open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path, logins=2, logins_each=1) as way:
        bob = way.let_in(way.shop.bob.id)
        async with way.connect() as first, way.connect() as second, way.connect(bob) as his:
            await (await open_terminal(first)).until("LIVE")
            refused = await open_terminal(second)
            assert await refused.ended() == 1
            assert b"you are logged in 1 times already" in refused.raw
            await (await open_terminal(his)).until("LIVE")
            assert len(way.house) == 2


async def test_a_full_house(tmp_path: Path) -> None:
    async with open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path, logins=1) as way:
        bob = way.let_in(way.shop.bob.id)
        async with way.connect() as hers, way.connect(bob) as his:
            ann = await open_terminal(hers)
            await ann.until("LIVE")
            refused = await open_terminal(his)
            assert await refused.ended() == 1
            assert b"all 1 places are taken" in refused.raw
            ann.press("q")
            await ann.ended()
            await (await open_terminal(his)).until("LIVE")


async def test_nothing_is_forwarded(way: Way) -> None:
    async with way.connect() as line:
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.open_connection("127.0.0.1", way.shop.backend_port)
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.open_unix_connection("/run/docker.sock")
        with pytest.raises(asyncssh.ChannelListenError):
            await line.forward_remote_port("", 0, "127.0.0.1", 1)
        with pytest.raises(asyncssh.ChannelListenError):
            await line.forward_remote_path("/tmp/never", "/tmp/x")


async def test_no_files_are_transferred(way: Way, tmp_path: Path) -> None:
    async with way.connect() as line:
        with pytest.raises((asyncssh.SFTPError, asyncssh.ChannelOpenError)):
            await line.start_sftp_client()
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.create_process(subsystem="sftp")
        with contextlib.suppress(asyncssh.ChannelOpenError):
            done = await asyncio.wait_for(line.run("scp -f /etc/passwd"), 60)
            assert done.exit_status == 2
            assert "root" not in str(done.stdout)


async def test_who_shows_a_key_that_is_not_his_is_who_he_can_prove(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann's public key is no secret. Bob's client asks with it first, and then proves Bob's: that makes him Bob."""
    bob = way.let_in(way.shop.bob.id)
    asked: list[str] = []
    owner_of = way.house.owner_of

    async def watched(fingerprint: str) -> Any:
        asked.append(fingerprint)
        return await owner_of(fingerprint)

    monkeypatch.setattr(way.house, "owner_of", watched)
    async with way.connect(client_keys=[_Shown(way.ann), asyncssh.load_keypairs(bob)[0]]) as line:
        terminal = await open_terminal(line)
        await terminal.until("Bob")
    assert asked[0] == way.ann.get_fingerprint()
    assert asked[-1] == bob.get_fingerprint()
    with pytest.raises(asyncssh.PermissionDenied):
        async with way.connect(client_keys=[_Shown(way.ann)]):
            pass


class _Shown(asyncssh.SSHKeyPair):
    """A key of which one has the public half, and signs with another."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        algorithm = b"ssh-ed25519"
        super().__init__(algorithm, algorithm, (algorithm,), (algorithm,), key.public_data, None)
        self._other = asyncssh.generate_private_key("ssh-ed25519")

    def sign(self, data: bytes) -> bytes:
        return self._other.sign(data, b"ssh-ed25519")


async def test_a_crowd_at_the_door_is_turned_away(tmp_path: Path) -> None:
    async with (
        open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path, logins=1) as way,
        contextlib.AsyncExitStack() as lines,
    ):
        for _ in range(1 + door.MOST_KEYS):
            await lines.enter_async_context(way.connect())
        with pytest.raises((asyncssh.DisconnectError, ConnectionError)):
            await lines.enter_async_context(way.connect())


async def test_who_only_stands_at_the_door_makes_room_for_who_has_a_key(tmp_path: Path) -> None:
    async with open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path, logins=1) as way:
        crowd = [await asyncio.open_connection("127.0.0.1", way.port) for _ in range(3 * door.MOST_KEYS)]
        async with way.connect() as line:
            terminal = await open_terminal(line)
            await terminal.until("LIVE")
            crowd += [await asyncio.open_connection("127.0.0.1", way.port) for _ in range(door.MOST_KEYS)]
            await way.shop.submit(concern="still here")
            await terminal.until("still here")
        for _, writer in crowd:
            writer.transport.abort()


HOSTILE = "\x1b]0;zq204x\x07\u202e\x9b2J"
LINES = Allowed(frozenset("\n"))


@pytest.mark.parametrize(
    "command", [f"mechtui show a '{HOSTILE}'", f"mechtui '{HOSTILE}'", f"mechtui list 'x{HOSTILE}", HOSTILE]
)
async def test_what_a_client_says_acts_neither_on_his_terminal_nor_in_the_log(way: Way, command: str) -> None:
    status, out, err = await ran(way, command)
    assert (status, out) == (2, "")
    assert findings(err.encode(), LINES) == []
    assert findings("\n".join(way.told).encode(), LINES) == []
    assert any("zq204x" in line for line in way.told)


async def test_what_a_client_calls_his_terminal_acts_nowhere(way: Way) -> None:
    async with way.connect() as line:
        done = await line.run(None, term_type="x\x1b]0;zq204x\x07", term_size=(30, 10), encoding=None)
    assert findings(done.stdout, Allowed(frozenset({"\r\n"}))) == []
    assert findings("\n".join(way.told).encode(), LINES) == []
