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
    Raises `DatabaseError` when the first connection cannot be had.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._near = engine.open_reader() if engine.near else None
        self._local = threading.local()
        self._opened: list[Connection] = []
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
        for connection in self._opened:
            connection.close()
        if self._near is not None:
            self._near.close()

    def _ask(self, query: Callable[..., T], args: tuple[Any, ...]) -> T:
        connection = self._mine()
        try:
            return query(connection, *args)
        except connection.lost:
            self._forget(connection)
        again = self._mine()
        try:
            return query(again, *args)
        except again.lost as error:
            self._forget(again)
            raise DatabaseBusyError(str(error)) from error

    def _mine(self) -> Connection:
        """This thread's connection."""
        mine: Connection | None = getattr(self._local, "connection", None)
        if mine is None:
            try:
                mine = self._local.connection = self._engine.open_reader()
            except DatabaseError as error:
                raise DatabaseBusyError(str(error)) from error
            self._opened.append(mine)
        return mine

    def _forget(self, connection: Connection) -> None:
        self._local.connection = None
        self._opened.remove(connection)
        connection.close()
