"""Connections that only read, each in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import Engine
from mechtui.server.db.errors import DatabaseBusyError, DatabaseError

T = TypeVar("T")


class Readers:
    """As many connections as the engine finds worth it. A query is given its connection as first argument.

    A line that is lost is opened again, and the query asked again, once: it changes nothing.
    All are opened at once, so that too few are noticed at the start. Raises `DatabaseError`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._opened: list[Connection] = []
        try:
            self._free = [self._open() for _ in range(engine.readers)]
            self._near = self._open() if engine.near else None
        except DatabaseError:
            self._close_all()
            raise
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(engine.readers, thread_name_prefix="mechtui-reader")

    async def ask(self, query: Callable[..., T], *args: Any) -> T:
        """Run a query that may take long. Raises `DatabaseBusyError` when the database cannot be had."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, query, args)

    async def look(self, query: Callable[..., T], *args: Any) -> T:
        """Run a query of a row or two: here and now, where the engine is near enough for that."""
        if self._near is not None:
            return query(self._near, *args)
        return await self.ask(query, *args)

    def close(self) -> None:
        """Wait for the queries under way, then let the connections go. Blocks."""
        self._pool.shutdown()
        self._close_all()

    def _ask(self, query: Callable[..., T], args: tuple[Any, ...]) -> T:
        connection = self._mine()
        try:
            return query(connection, *args)
        except connection.lost:
            self._forget(connection)
        again = self._local.connection = self._reopened()
        try:
            return query(again, *args)
        except again.lost as error:
            self._forget(again)
            raise DatabaseBusyError(str(error)) from error

    def _mine(self) -> Connection:
        """This thread's connection."""
        mine: Connection | None = getattr(self._local, "connection", None)
        if mine is None:
            mine = self._local.connection = self._free.pop() if self._free else self._reopened()
        return mine

    def _reopened(self) -> Connection:
        try:
            return self._open()
        except DatabaseError as error:
            raise DatabaseBusyError(str(error)) from error

    def _open(self) -> Connection:
        connection = self._engine.open_reader()
        self._opened.append(connection)
        return connection

    def _close_all(self) -> None:
        for connection in self._opened:
            connection.close()

    def _forget(self, connection: Connection) -> None:
        self._local.connection = None
        self._opened.remove(connection)
        connection.close()
