"""Reading what was before: ended sessions of the same vehicle, or of the same customer.

A vehicle is the same by its VIN; by its plate only where not both VINs are known, since plates are moved.
"""

from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.details import Reader
from mechtui.server.db.lists import one_moment, read_cursor, write_cursor
from mechtui.server.db.rows import vehicle_label
from mechtui.vehicle.vin import PARTIAL_FROM

SHORTEST_PLATE = 3
"""Shorter ones are dashes and initials, which many vehicles would share."""

_ALIKE = """
WITH alike (id, vehicle, customer) AS (
  SELECT s.id, 1, 0 FROM intakes i JOIN sessions s ON s.intake_id = i.id WHERE i.vin_key = :vin
  UNION ALL
  SELECT s.id, 1, 0 FROM intakes i JOIN sessions s ON s.intake_id = i.id
    WHERE i.plate_key = :plate AND (:vin IS NULL OR i.vin_key IS NULL)
  UNION ALL
  SELECT s.id, 0, 1 FROM sessions s WHERE s.customer_id = :customer
), before AS (
  SELECT s.*, max(a.vehicle) AS same_vehicle, max(a.customer) AS same_customer
  FROM alike a JOIN sessions s ON s.id = a.id
  WHERE s.ended_at IS NOT NULL AND (s.created_at, s.id) < (:at, :id)
  GROUP BY s.id
)
"""
_COUNTS = f"""{_ALIKE}
SELECT count(*), count(*) FILTER (WHERE status = 'completed' AND same_vehicle = 1),
  count(*) FILTER (WHERE status = 'completed' AND same_customer = 1) FROM before
"""
_PAGE = f"""{_ALIKE}
SELECT b.id, b.type, b.status, b.created_at, b.same_vehicle, b.same_customer, b.mechanic_id, m.name,
  i.year, i.make, i.model, i.odometer, i.concern, y.findings, y.next_steps
FROM before b
JOIN intakes i ON i.id = b.intake_id
LEFT JOIN mechanics m ON m.id = b.mechanic_id
LEFT JOIN session_summaries y ON y.session_id = b.id
WHERE (b.created_at, b.id) < (:k0, :k1)
ORDER BY b.created_at DESC, b.id DESC LIMIT :limit
"""


def earlier(connection: Connection, reader: Reader, session_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of what was before a session that `reader` may see, with the counts of all pages."""
    with one_moment(connection):
        params = _sought(connection, reader, session_id)
        behind = {"k0": params["at"], "k1": session_id} if cursor is None else read_cursor(cursor, 2)
        total, seen, came = connection.execute(_COUNTS, params).fetchall()[0]
        rows = connection.execute(_PAGE, params | behind | {"limit": limit + 1}).fetchall()
    items = [_item(row, reader) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return {
        "items": items,
        "next_cursor": write_cursor([last["created_at"], last["id"]]) if last else None,
        "total": total,
        "seen": seen,
        "came": came,
    }


def _sought(connection: Connection, reader: Reader, session_id: str) -> dict[str, Any]:
    """By what the vehicle and the customer of a session are known again."""
    row = reader.sees(connection, session_id)
    vin, plate, customer = connection.execute(
        "SELECT i.vin_key, i.plate_key, s.customer_id FROM sessions s JOIN intakes i ON i.id = s.intake_id "
        "WHERE s.id = ?",
        (session_id,),
    ).fetchall()[0]
    return {
        "id": session_id,
        "at": row.created_at,
        "vin": vin if len(str(vin or "")) >= PARTIAL_FROM else None,
        "plate": plate if len(str(plate or "")) >= SHORTEST_PLATE else None,
        "customer": customer,
    }


def _item(row: tuple[Any, ...], reader: Reader) -> dict[str, Any]:
    row_id, kind, status, at, vehicle, customer, mechanic, name, year, make, model, odometer, *told = row
    concern, findings, next_steps = told
    return {
        "id": row_id,
        "type": kind,
        "outcome": status,
        "created_at": at,
        "same_vehicle": bool(vehicle),
        "same_customer": bool(customer),
        "mine": reader.mechanic is not None and mechanic == reader.mechanic.id,
        "mechanic": mechanic and {"id": mechanic, "name": name},
        "vehicle": vehicle_label(year, make, model),
        "odometer": odometer,
        "concern": concern,
        "findings": findings,
        "next_steps": next_steps,
    }
