"""What every login is forked from."""

import os
import subprocess
import sys

_WARM = """
import gc, sys, threading
from mechtui.cli import command_line
from mechtui.models import Answer
from mechtui.ssh.forks import warm
from mechtui.trust import trusted, _context
warm()
made = _context.cache_info().misses
trusted("http://here"), trusted("https://there")
kinds = [Answer]
for kind in kinds:
    kinds += kind.__subclasses__()
unbuilt = sum(not kind.__pydantic_complete__ for kind in kinds) + (not command_line.cache_info().currsize)
unbuilt += _context.cache_info().misses - made
print(threading.active_count(), gc.get_freeze_count(), unbuilt, *sorted(sys.modules))
"""


def test_the_fork_server_has_the_dashboard_and_nothing_of_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WARM],
        env=os.environ | {"MECHTUI_REMOTE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    threads, frozen, unbuilt, *modules = done.stdout.split()
    assert threads == "1"
    assert int(frozen) > 50_000
    assert unbuilt == "0"
    assert {"mechtui.app", "mechtui.screens.intake", "mechtui.commands.client", "httpx", "websockets"} <= set(modules)
    kinds = {name.split(".")[0] for name in modules} | {".".join(name.split(".")[:2]) for name in modules}
    assert not kinds & {"mechtui.server", "asyncssh", "cryptography", "apsw", "asyncpg", "fastapi", "uvicorn"}
