"""The old database where it still runs, and a folder of its exports, tell the same."""

import json
from pathlib import Path

import pytest

from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.legacy import cells
from mechtui.server.legacy.source import source_of
from mechtui.server.legacy.tables import load
from tests.engines import PostgresServer
from tests.moving.shop import OldShop, write

TYPES = {
    "sessions": {"metadata": "jsonb", "created_at": "timestamptz"},
    "intakes": {"files": "jsonb", "urgent": "bool"},
}


def test_postgres_csv_and_json_tell_the_same(tmp_path: Path, postgres: PostgresServer) -> None:
    shop = OldShop()
    in_json = load(source_of(str(write(shop.tables, tmp_path / "json"))))
    in_csv = load(source_of(str(write(shop.tables, tmp_path / "csv", "csv"))))
    assert in_csv.rows == in_json.rows
    with postgres.database(empty=True) as url:
        line = PostgresConnection(url, seconds=60)
        for table, rows in shop.tables.items():
            columns = {name: TYPES.get(table, {}).get(name, "text") for row in rows for name in row}
            told = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            line.command(f'CREATE TABLE "{table}" ({told})')
            if rows:
                line.execute(
                    f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", CAST(? AS json))',
                    (json.dumps(rows),),
                )
        line.close()
        source = source_of(url)
        in_postgres = load(source)
        source.close()
    assert in_postgres.unknown == in_json.unknown
    assert in_postgres.rows == in_json.rows


def test_an_id_that_is_no_uuid_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="is no UUID; ids of the old database are"):
        cells.key("customer-17")
