"""How the server goes about a statement that must stay quick however much is open."""

from contextlib import closing

from mechtui.config import DEFAULT_PLANS
from mechtui.server.db import accepts
from mechtui.server.db.connection import over
from mechtui.server.db.engine import engine_of
from mechtui.server.db.postgres import connection
from tests.engines import PostgresServer


def test_requests_are_taken_by_their_ids_and_not_by_reading_all_that_are_open(postgres: PostgresServer) -> None:
    some = [str(n) for n in range(64)]
    with postgres.database() as url:
        engine_of(url).prepare(DEFAULT_PLANS)
        with closing(engine_of(url).open_writer()) as writer:
            take = over(connection._PAIRS, accepts._TAKE)
            plan = writer.execute(f"EXPLAIN {take}", {"keys": some, "values": some, "now": ""}).fetchall()
    assert any("sessions_pkey" in line for (line,) in plan)
    assert not any("ix_sessions_queue" in line for (line,) in plan)
