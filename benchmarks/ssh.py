"""Logins over SSH, by OpenSSH's client in real terminals, beside a program started anew for each of them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from benchmarks.dashboard import ROWS_SHOWN, shop_with_backend
from benchmarks.shop import Account, Serving, Shop, end, environ
from benchmarks.table import Row, percentile
from benchmarks.terminal import Terminal, terminal
from mechtui.server.logins import add_key
from mechtui.server.public_key import read
from mechtui.ssh.host_key import make_client_key

CROWDS = (20, 100)
_KEYS = "jk" * 20
_PATIENCE = 300.0

Given = TypeVar("Given")
Command = tuple[list[str], dict[str, str]]


def measure(crowds: Sequence[int] = CROWDS, alone: int = 9, seconds: float = 10) -> list[Row]:
    """One login after the other, then crowds of them at once; each beside as many programs of their own."""
    with shop_with_backend(open_requests=50) as (shop, backend, mechanic):
        own: Command = ([sys.executable, "-m", "mechtui", "--server", backend.server], environ(shop, mechanic.token))
        with front(shop, backend, mechanic) as (process, client):
            login: Command = (client, environ(shop))
            first = [_first_screen(login) for _ in range(alone)]
            rows = [
                Row("one login → first screen, p50", percentile(first, 50), "s", 0.5,
                    beside=f"a program of its own {_first_screen(own):.2f} s")
            ]  # fmt: skip
            for count in crowds:
                rows += _crowd(login, own, count, process.pid, seconds)
    return rows


def _crowd(login: Command, own: Command, count: int, front_pid: int, seconds: float) -> list[Row]:
    """So many logins at once: until each has its screen, then a key of one of them, then all at rest."""
    before = _pss(_family(front_pid))
    with _all_at_once(login, count) as (screens, times):
        _each(screens, lambda screen: screen.rest(3.0))
        memory = (_pss(_family(front_pid)) - before) / count
        cpu = _cpu(_family(front_pid))
        _each(screens, lambda screen: screen.rest(seconds))
        idle = 100 * (_cpu(_family(front_pid)) - cpu) / seconds
        keys = [screens[0].press(key).seconds * 1000 for key in _KEYS]
    with _all_at_once(own, count) as (screens, own_times):
        own_memory = sum(_pss(_family(screen.process.pid)) for screen in screens) / count
    what = f"{count} logins at once"
    beside = f"a program each {percentile(own_times, 95):.2f} s"
    return [
        Row(f"{what} → first screen, p95", percentile(times, 95), "s", beside=beside),
        Row(f"{what}, a key of one, p50", percentile(keys, 50), "ms"),
        Row(f"{what}, a key of one, p95", percentile(keys, 95), "ms", 50),
        Row(f"{what}, memory each", memory / 1e6, "MB", 20, beside=f"a program each {own_memory / 1e6:.1f} MB"),
        Row(f"{what}, idle, of a core", idle, "%"),
    ]


@contextmanager
def front(shop: Shop, backend: Serving, mechanic: Account) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A front before this backend, and the command a mechanic logs in with."""
    key = shop.folder / "key"
    add_key(shop.url, mechanic.id, read(make_client_key(key)))
    config = shop.folder / "config.toml"
    config.write_text("[ssh]\nlogins = 1000\nlogins_each = 1000\n")
    command = [sys.executable, "-m", "mechtui", "ssh", "--port", "0", "--keys", str(shop.folder / "host_key")]
    known = environ(shop) | {"MECHTUI_CONFIG": str(config), "MECHTUI_DATABASE": shop.url}
    process = subprocess.Popen(
        [*command, "--server", backend.server], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=known
    )
    try:
        assert process.stdout is not None
        port = re.search(r"port (\d+)", process.stdout.readline())
        assert port is not None, "the front did not start"
        hosts = shop.folder / "known_hosts"
        public = subprocess.run(["ssh-keygen", "-y", "-f", key.with_name("host_key")], capture_output=True, check=True)
        hosts.write_text(f"[127.0.0.1]:{port[1]} {public.stdout.decode()}")
        client = ["ssh", "-F", "none", "-tt", "-p", port[1], "-i", str(key), "-o", "IdentitiesOnly=yes"]
        yield process, [*client, "-o", f"UserKnownHostsFile={hosts}", "mechanic@127.0.0.1"]
    finally:
        end(process)


def _first_screen(command: Command) -> float:
    with terminal(*command) as screen:
        return screen.until(ROWS_SHOWN, _PATIENCE)


@contextmanager
def _all_at_once(command: Command, count: int) -> Iterator[tuple[list[Terminal], list[float]]]:
    """So many terminals, and how long each took to its first screen."""
    with ExitStack() as stack:
        screens = [stack.enter_context(terminal(*command)) for _ in range(count)]
        yield screens, _each(screens, lambda screen: screen.until(ROWS_SHOWN, _PATIENCE))


def _each(screens: Sequence[Terminal], do: Callable[[Terminal], Given]) -> list[Given]:
    with ThreadPoolExecutor(len(screens)) as pool:
        return list(pool.map(do, screens))


def _family(pid: int) -> list[int]:
    """A process and all that it and they have started."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    family, young = [pid], [pid]
    while young:
        young = [child for child, parent in parents.items() if parent in young]
        family += young
    return family


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _pss(pids: Sequence[int]) -> float:
    """Memory in bytes, what is shared counted in parts."""
    return sum(map(_pss_of, pids))


def _pss_of(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0.0


def _cpu(pids: Sequence[int]) -> float:
    """Seconds on a processor so far."""
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(sum(map(int, _stat(pid)[11:13])) for pid in pids) / ticks


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
