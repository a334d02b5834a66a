"""Where a token may not be over SSH: in a log, a command line, an environment, a crash, a file that others read."""

import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from mechtui.server import accounts, logins, public_key
from mechtui.ssh.host_key import host_key
from tests.access.test_secrets import (
    INTAKE,
    House,
    command_lines,
    contents,
    house,  # noqa: F401 - found by its name
    modes,
)
from tests.server.support import database_url
from tests.ssh.support import PATIENCE, open_terminal

CRASHES_ON_A_SIGN = """
import os, sys
if "mechtui.ssh.forks" in sys.orig_argv:
    from mechtui.app import MechtuiApp
    usual = MechtuiApp.changed
    def changed(self, *given):
        token = os.environ.get("MECHTUI_TOKEN")
        if os.path.exists("sign"):
            raise RuntimeError("planted")
        usual(self, *given)
    MechtuiApp.changed = changed
"""


@dataclass
class Front:
    """`mechtui ssh` as a process, which a mechanic can come in at with his key."""

    pid: int
    port: int
    key: asyncssh.SSHKey
    folder: Path

    @asynccontextmanager
    async def line(self) -> AsyncIterator[asyncssh.SSHClientConnection]:
        options = {"client_keys": [self.key], "known_hosts": None, "username": "ann", "config": None}
        async with asyncssh.connect("127.0.0.1", self.port, agent_path=None, **options) as line:
            yield line

    @property
    def forked(self) -> list[int]:
        """The fork server, and the logins there are."""
        found, new = [], [self.pid]
        while new:
            told = Path(f"/proc/{new[0]}/task/{new.pop(0)}/children").read_text().split()
            found += [int(pid) for pid in told]
            new += [int(pid) for pid in told]
        return found


@contextmanager
def front(home: House, folder: Path) -> Iterator[Front]:
    """One that was started with secrets in its environment, and makes files anybody could read. Its log is kept."""
    (folder / "sitecustomize.py").write_text(CRASHES_ON_A_SIGN)
    secrets = {"MECHTUI_TOKEN": home.tokens["mechanic"], "PGPASSWORD": home.tokens["password"]}
    database = database_url(home.home / ".local" / "share" / "mechtui" / "mechtui.db")
    ann = accounts.list_mechanics(database)[0].id
    key = asyncssh.generate_private_key("ssh-ed25519")
    known = public_key.read(key.export_public_key().decode())
    logins.add_key(database, ann, known)
    ssh = home.home / ".local" / "share" / "mechtui" / "ssh"
    with (folder / "log").open("w+") as log:
        command = [sys.executable, "-m", "mechtui", "ssh", "--port", "0"]
        environ = home.environ | secrets | {"PYTHONPATH": str(folder)}
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, umask=0)
        try:
            port = _port(process, folder / "log")
            (own,) = ssh.glob("ssh_host_*_key")
            home.tokens["login"] = host_key(own).token(ann, known.fingerprint)
            yield Front(process.pid, port, key, ssh / "homes" / ann)
        finally:
            process.terminate()
            process.wait()
    home.said.append((folder / "log").read_text())


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if (found := re.search(r"port (\d+)", log.read_text())) and "host key" in log.read_text():
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"the front did not start: {log.read_text()}")


def environs(pids: list[int]) -> str:
    """What those have in their environments; nobody but their user can read it."""
    files = [Path(f"/proc/{pid}/environ") for pid in pids]
    assert [file for file in files if file.stat().st_mode & 0o077] == []
    return "\n".join(file.read_text() for file in files).replace("\0", "\n")


async def test_no_token_is_said_written_or_left_where_others_read(house: House, tmp_path: Path) -> None:  # noqa: F811
    house.tokens["password"] = "db: 5dWqX0mLkZ"
    with house.serving():
        told = json.loads(house.run("submit", "-", token=house.tokens["desk"], given=json.dumps(INTAKE)))
        house.said.clear()
        with front(house, tmp_path) as door:
            async with door.line() as line:
                terminal = await open_terminal(line)
                await terminal.until("LIVE")
                accepted = await line.run(f"mechtui accept {told['id']} --json")
                assert accepted.exit_status == 0, accepted
                refused = await line.run(f"MECHTUI_TOKEN={house.tokens['mechanic']} mechtui list incoming")
                there = environs(door.forked)
                assert len(door.forked) == 2
                assert house.leaks(command_lines(), there, terminal.raw.decode(errors="replace")) == []
                assert [line for line in there.split("\n") if line.startswith("MECHTUI_")] == ["MECHTUI_REMOTE=1"] * 2
                (door.folder / "sign").touch(0o600)
                again = await open_terminal(line)
                assert await again.ended() == 70
                said = "".join(str(part) for done in (accepted, refused) for part in (done.stdout, done.stderr))
                assert house.leaks(again.raw.decode(errors="replace"), said) == []
    assert any("RuntimeError: planted" in said for said in house.said), "it crashed, and said so"
    assert any("accept" in said for said in house.said), "the log says what was asked"
    assert house.leaks() == []
    assert contents(house) == []
    assert modes(house) == []
