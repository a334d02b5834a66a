"""The SQLite file as the rest of the backend uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mechtui.config import DEFAULT_PLANS, PlanSetting, sqlite_path
from mechtui.server.db.sqlite import copies, files
from mechtui.server.db.sqlite.connection import SqliteConnection, open_reader, open_writer
from mechtui.server.db.tables import Tell


class SqliteEngine:
    """The file that a `sqlite:////absolute/path` address names. Raises `ConfigError` for any other address."""

    near = True
    readers = 2
    listen = None

    def __init__(self, database: str) -> None:
        self.path = sqlite_path(database)

    def prepare(self, plans: tuple[PlanSetting, ...]) -> None:
        """Make the file if there is none, else bring it to this version's schema; then set its plans."""
        files.prepare(self.path, plans)

    def open_reader(self) -> SqliteConnection:
        """A connection that only reads."""
        with files.in_words(self.path):
            return open_reader(self.path)

    def open_writer(self) -> SqliteConnection:
        """The writer's connection, with the lock beside the file."""
        lock = files.lock_for_serving(self.path)
        try:
            with files.in_words(self.path):
                connection = open_writer(self.path)
        except BaseException:
            lock.close()
            raise
        connection.lock = lock
        return connection

    @contextmanager
    def changing(self, *, through: bool = True) -> Iterator[SqliteConnection]:
        """A transaction beside a running backend. Checkpoints are left to the backend's writer."""
        if not self.path.exists():
            files.prepare(self.path, DEFAULT_PLANS)
        with files.in_words(self.path):
            files.check(self.path, through=through)
            connection = open_writer(self.path)
            try:
                connection.wal_autocheckpoint(0)
                with connection:
                    yield connection
            finally:
                connection.close()

    @contextmanager
    def alone(self) -> Iterator[SqliteConnection]:
        """The writer's connection, with the lock beside the file."""
        if not self.path.exists():
            files.prepare(self.path, DEFAULT_PLANS)
        with files.in_words(self.path):
            files.check(self.path)
            files.upgrade(self.path)
            connection = self.open_writer()
            try:
                yield connection
            finally:
                connection.close()

    @contextmanager
    def looking(self, *, through: bool = True) -> Iterator[SqliteConnection]:
        """A connection that only reads."""
        with files.in_words(self.path):
            files.check_current(self.path, through=through)
            connection = open_reader(self.path)
            try:
                yield connection
            finally:
                connection.close()

    def upgrade(self) -> str:
        """Bring the file to this version's schema, making it if there is none."""
        existed = self.path.exists() and self.path.stat().st_size > 0
        if not existed:
            files.prepare(self.path, DEFAULT_PLANS)
            return f"made {self.path}, schema {files.SCHEMA_VERSION}"
        with files.in_words(self.path):
            files.check(self.path)
            had = files.upgrade(self.path)
        if had < files.SCHEMA_VERSION:
            return f"upgraded {self.path} from schema {had} to {files.SCHEMA_VERSION}"
        return f"{self.path} has schema {files.SCHEMA_VERSION} already; nothing to do"

    def backup(self, target: Path, tell: Tell) -> str:
        """Copy the file to a new one, whole and of one moment."""
        return copies.backup(self.path, target, tell)

    def restore(self, saved: Path, tell: Tell) -> str:
        """Put a backup in the file's place; what stood there is kept beside it."""
        return copies.restore(self.path, saved, tell)
