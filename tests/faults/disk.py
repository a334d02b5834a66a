"""A disk that can lose power and fail: SQLite's files behind a layer that remembers what was not synced.

Every connection of this process goes through it while it is mounted. Writes reach the real files at once, so that
readers see them; what they overwrote is remembered until the file is synced. At a power cut each write since then is
kept, lost or torn, as the seed has it; what was synced stays.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import apsw

SECTOR = 512
"""A write is torn between sectors, never inside one."""
_names = count()


@dataclass
class _Unsynced:
    """One change of a file since its last sync: what was written where, or nothing for a new length."""

    offset: int
    data: bytes | None


@dataclass
class _Content:
    """A file: as it was when it was synced last, and what came after that."""

    durable: bytearray
    since: list[_Unsynced] = field(default_factory=list)

    def synced(self) -> None:
        for change in self.since:
            _apply(self.durable, change)
        self.since.clear()

    def after_a_cut(self, chance: random.Random) -> bytes:
        content = bytearray(self.durable)
        for change in self.since:
            fate = chance.random()
            if fate < 0.4:
                _apply(content, change)
            elif fate < 0.6 and change.data is not None:
                kept = SECTOR * chance.randint(0, len(change.data) // SECTOR)
                _apply(content, _Unsynced(change.offset, change.data[:kept]))
        return bytes(content)


def _apply(content: bytearray, change: _Unsynced) -> None:
    if change.data is None:
        del content[change.offset :]
        content.extend(bytes(max(0, change.offset - len(content))))
        return
    content.extend(bytes(max(0, change.offset - len(content))))
    content[change.offset : change.offset + len(change.data)] = change.data


class Disk:
    """The disk of one test. `before` is called before each change (`write`, `sync`, `truncate`) with its running
    number since the last `arm`; what it raises, SQLite is told.
    """

    def __init__(self) -> None:
        self.before: Callable[[int], None] = _nothing
        self.changes = 0
        self.is_cut = False
        self.files: dict[str, _Content] = {}

    def arm(self, before: Callable[[int], None]) -> None:
        """From now on each change is asked about first."""
        self.before, self.changes = before, 0

    def disarm(self) -> None:
        """Nothing fails any more. After a cut nothing is written any more either: the files can be closed."""
        self.before = _nothing

    def changing(self) -> bool:
        """Whether the next change is to be made."""
        self.changes += 1
        self.before(self.changes)
        return not self.is_cut

    def cut(self) -> None:
        """The power is gone, in the middle of whatever is going on."""
        self.is_cut = True
        self.before = _no_power
        _no_power(0)

    def restore(self, chance: random.Random) -> None:
        """Put on the real disk what survived. All connections are closed by now."""
        for name, content in self.files.items():
            Path(name).write_bytes(content.after_a_cut(chance))
        for name in self.files:
            Path(f"{name.removesuffix('-wal')}-shm").unlink(missing_ok=True)
        self.files.clear()
        self.is_cut = False

    def content(self, name: str) -> _Content:
        """What is known of a file; one not seen before is on the disk as it is."""
        if name not in self.files:
            path = Path(name)
            self.files[name] = _Content(bytearray(path.read_bytes() if path.exists() else b""))
        return self.files[name]


def _nothing(_: int) -> None:
    """The disk works."""


def _no_power(_: int) -> None:
    raise apsw.IOError("the power is gone")


class _File(apsw.VFSFile):
    def __init__(self, inherit: str, name: str | apsw.URIFilename, flags: list[int], disk: Disk) -> None:
        super().__init__(inherit, name, flags)
        self._disk = disk
        self._may_write = bool(flags[0] & apsw.SQLITE_OPEN_READWRITE)
        self._content = disk.content(str(name.filename() if isinstance(name, apsw.URIFilename) else name))

    def xLock(self, level: int) -> None:  # noqa: N802 - named by SQLite
        if level > apsw.SQLITE_LOCK_SHARED and not self._may_write:
            raise apsw.BusyError("a reader tries to tidy up when it closes")
        super().xLock(level)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._disk.changing():
            self._content.since.append(_Unsynced(offset, bytes(data)))
            super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        if self._disk.changing():
            self._content.since.append(_Unsynced(newsize, None))
            super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._disk.changing():
            super().xSync(flags)
            self._content.synced()


class _Vfs(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        super().__init__(name, "unix", makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None:
            return super().xOpen(name, flags)
        return _File("unix", name, flags, self._disk)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        if not self._disk.is_cut:
            self._disk.files.pop(filename, None)


@contextmanager
def mounted(disk: Disk) -> Iterator[Disk]:
    """Every file SQLite opens from now on, in this process, is on this disk."""
    vfs = _Vfs(f"disk{next(_names)}", disk)
    try:
        yield disk
    finally:
        vfs.unregister()
