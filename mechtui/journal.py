"""The journal of writes: what was asked is on disk before it is sent.

A write whose answer never came may have happened. Its key must outlive this process, since only the same key sent
again tells what became of it. The journal is a file of JSON lines that is only ever appended to:

    {"key": …, "method": …, "path": …, "body": …, "server": …, "who": …, "at": …}      asked
    {"key": …, "outcome": …}                                                          settled

It holds what customers wrote, so only its owner may read it. Tokens are never in it.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One write: the `Idempotency-Key` it went out with, and all that is needed to send exactly it again."""

    key: str
    method: str
    path: str
    body: str
    """The JSON text as sent: the server compares it with what it got first."""
    server: str
    who: str
    """`identity` of the token it was asked with; nobody else may repeat it."""
    at: float
    """Seconds since 1970 by this machine's clock."""


class JournalError(Exception):
    """The journal cannot be read or written; what was about to be sent must stay unsent."""


def identity(token: str) -> str:
    """A short name for a token that does not give it away: tokens are random, so their hash cannot be guessed back."""
    return sha256(token.encode()).hexdigest()[:16]


class Journal:
    """The journal in the file `path`. Any number of processes of one user may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, entry: Entry) -> None:
        """Write down what is about to be sent. On disk when it returns; raises `JournalError` otherwise."""
        with self._locked():
            self._append(asdict(entry), durable=True)

    def settle(self, key: str, outcome: str) -> None:
        """Note what became of a write. Should this line be lost, the write is asked about once more, no harm done."""
        with self._locked():
            self._append({"key": key, "outcome": outcome}, durable=False)

    def unsettled(self) -> list[Entry]:
        """The writes whose outcome is not known, oldest first. Drops the settled ones from the file."""
        with self._locked():
            lines = self._lines()
            settled = {line["key"] for line in lines if "outcome" in line}
            kept = [entry for line in lines if (entry := _entry(line)) and entry.key not in settled]
            if len(kept) < len(lines):
                self._replace(kept)
            return kept

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the journal alone. The lock has its own file, since `_replace` puts a new one under the old name."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(
                self.path.with_name(self.path.name + ".lock"), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600
            )
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise JournalError(f"the journal {self.path} cannot be used: {error.strerror or error}") from error

    def _append(self, record: dict[str, Any], *, durable: bool) -> None:
        is_new = not self.path.exists()
        file = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _write_all(file, _torn_end(file) + _line(record))
            if durable:
                os.fsync(file)
        finally:
            os.close(file)
        if is_new:
            self._sync_folder()

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [record for line in self.path.read_bytes().splitlines() if (record := _record(line)) is not None]

    def _replace(self, entries: list[Entry]) -> None:
        new = self.path.with_name(self.path.name + ".new")
        file = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            _write_all(file, b"".join(_line(asdict(entry)) for entry in entries))
            os.fsync(file)
        finally:
            os.close(file)
        new.replace(self.path)
        self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode("ascii") + b"\n"


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _torn_end(file: int) -> bytes:
    """A line break when the last line has none: a process died while writing it, and ours must not be glued to it."""
    size = os.fstat(file).st_size
    return b"" if size == 0 or os.pread(file, 1, size - 1) == b"\n" else b"\n"


def _record(line: bytes) -> dict[str, Any] | None:
    """The record of a line; nothing for a torn one, whose write cannot have been sent yet."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("key"), str) else None


def _entry(record: dict[str, Any]) -> Entry | None:
    try:
        return Entry(**record)
    except TypeError:
        return None
