"""Connections to PostgreSQL, with the face of SQLite's: a statement goes out, and its rows are there.

The writer and the readers are threads, so each connection drives `asyncpg` on a loop of its own in whichever thread
asks. In a thread where a loop runs already (a test, a command) another one is borrowed, and waited for.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, TypeVar

import asyncpg
import uvloop

from mechtui.server.db.connection import Columns, Params, Raised, Row, over
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError
from mechtui.server.db.postgres.statements import bound, received, sent, translated

T = TypeVar("T")

_STATEMENTS = 1024
"""Statements kept prepared on each connection."""
_CLOSE_SECONDS = 2.0

_PAIRS = "unnest(CAST(:keys AS text[]), CAST(:values AS text[])) AS w (key, value)"
FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver, the server and the network raise. The last is the driver's word when a line ends under it."""
_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)
"""After these the line is of no use, though it may not have been closed yet."""


class LineLostError(Exception):
    """The line to the server is gone."""


class Rows(list[Row]):
    """What a statement gave, all of it."""

    def fetchall(self) -> list[Row]:
        """Every row."""
        return self


class PostgresConnection:
    """One connection, opened by whoever makes it. `seconds` is how long one statement may take."""

    violated: ClassVar[Raised] = asyncpg.IntegrityConstraintViolationError
    lost: ClassVar[Raised] = LineLostError
    fatal: ClassVar[Raised] = (
        LineLostError,
        asyncpg.InsufficientResourcesError,
        asyncpg.OperatorInterventionError,
        asyncpg.TransactionRollbackError,
    )
    undone: ClassVar[Raised] = (LineLostError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def __init__(self, url: str, seconds: float, **settings: str) -> None:
        self._loop = uvloop.new_event_loop()
        self._open = partial(_connected, url, seconds, settings)
        try:
            self.open_line()
        except BaseException:
            self._loop.close()
            raise

    def open_line(self) -> None:
        """Open a line, the one before being gone. Raises what the driver and the network say."""
        self._line: asyncpg.Connection = self._run(self._open())

    def execute(self, sql: str, params: Params = (), /) -> Rows:
        """Run one statement; several at once when nothing is bound and nothing is wanted back."""
        text, names = translated(sql)
        if not params:
            return Rows(map(received, self._ask(self._line.fetch(text))))
        return Rows(map(received, self._ask(self._line.fetch(text, *bound(names, params)))))

    def executemany(self, sql: str, params: Iterable[Params], /) -> object:
        """Run one statement once for each of these, in one go."""
        text, names = translated(sql)
        return self._ask(self._line.executemany(text, [bound(names, each) for each in params]))

    def for_each(self, sql: str, pairs: Mapping[str, str], params: Mapping[str, Any], /) -> list[Row]:
        """Run one statement for all pairs at once: what counts is how often the server is asked."""
        return self.execute(over(_PAIRS, sql), {"keys": list(pairs), "values": list(pairs.values()), **params})

    def insert(self, columns: Columns, rows: Iterable[Row], /) -> object:
        """Insert rows, the way that takes the server and the driver least: as a copy, however many there are."""
        copy = self._line.copy_records_to_table(columns.table, records=map(sent, rows), columns=list(columns.each))
        return self._ask(copy)

    def command(self, sql: str) -> str:
        """Run commands that give nothing back; what the server says was done."""
        done: str = self._ask(self._line.execute(sql))
        return done

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment."""
        self.command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def begin(self) -> bool:
        """Begin a transaction that writes; on this one line."""
        self.command("BEGIN")
        return False

    def commit(self) -> None:
        """Make the transaction durable."""
        try:
            done = self.command("COMMIT")
        except LineLostError as error:
            raise OutcomeUnknownError(str(error)) from error
        if done != "COMMIT":
            raise DatabaseBusyError("the transaction had failed before")

    def rollback(self) -> None:
        """Leave the transaction undone; a line that was lost has done so by itself."""
        if not self.is_lost():
            with suppress(LineLostError):
                self.command("ROLLBACK")

    def is_lost(self) -> bool:
        """Whether the line is known to be gone."""
        closed: bool = self._line.is_closed()
        return closed

    def drop(self) -> None:
        """Cut the line, without a word."""
        self._line.terminate()

    def close(self) -> None:
        """Let it go."""
        if not self._line.is_closed():
            try:
                self._run(self._line.close(timeout=_CLOSE_SECONDS))
            except FAILURES:
                self.drop()
        self._run(self._loop.shutdown_default_executor())
        self._loop.close()

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._run(work)
        except _GONE as error:
            self.drop()
            raise LineLostError(_words(error)) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if self._line.is_closed():
                raise LineLostError(_words(error)) from error
            raise

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if asyncio._get_running_loop() is None:
            return self._loop.run_until_complete(work)
        with ThreadPoolExecutor(1) as other:
            return other.submit(self._loop.run_until_complete, work).result()


async def _connected(url: str, seconds: float, settings: dict[str, str]) -> asyncpg.Connection:
    return await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS,
        command_timeout=seconds,
        statement_cache_size=_STATEMENTS,
        max_cached_statement_lifetime=0,
        server_settings=SETTINGS | settings,
    )


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


CONNECT_SECONDS = 5.0
SETTINGS = {
    "application_name": "mechtui",
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "jit": "off",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
"""Of each session. The keep-alives free what a backend held whose line was cut."""
