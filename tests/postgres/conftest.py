"""Fixtures for what is PostgreSQL's alone."""

from collections.abc import Iterator

import pytest

from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.demo.own_postgres import OwnServer
from tests.server.conftest import floor, shop

__all__ = ["admin", "database", "floor", "server", "shop"]


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    """A server that a test may stop, kill and set up as it likes."""
    own = OwnServer(max_connections="40")
    yield own
    own.close()


@pytest.fixture
def admin(server: OwnServer) -> Iterator[PostgresConnection]:
    connection = PostgresConnection(server.url("postgres"), seconds=30)
    yield connection
    connection.close()


@pytest.fixture
def database(server: OwnServer, admin: PostgresConnection) -> Iterator[str]:
    """The address of a new database without tables."""
    admin.command("CREATE DATABASE shop")
    yield server.url("shop")
    connection = PostgresConnection(server.url("postgres"), seconds=30)
    connection.command("DROP DATABASE shop WITH (FORCE)")
    connection.close()
