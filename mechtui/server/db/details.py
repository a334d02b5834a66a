"""Reading one session: with its events, its intake, its files; for those who may see it.

Who may see a session is decided here, on the row itself, and in one place.
"""

import json
from dataclasses import dataclass
from typing import Any

from mechtui.models import Code, Status
from mechtui.server.db.attempts import attempts_at
from mechtui.server.db.connection import Connection
from mechtui.server.db.lists import one_moment
from mechtui.server.db.rows import SessionRow, Shop, holder_view, offered_view, open_view, own_view, read_session
from mechtui.server.db.sessions import Mechanic
from mechtui.server.refusal import Refusal, not_found

_PRIVATE = "('passed', 'pass_undone', 'offered', 'offer_withdrawn', 'offer_declined')"


@dataclass(frozen=True)
class Reader:
    """Who reads one session: a mechanic, or somebody on the customer's side (`mechanic` is None)."""

    mechanic: Mechanic | None
    now: str

    def sees(self, connection: Connection, session_id: str) -> SessionRow:
        """The session, if it is his to see: his own, an open request for him, or one he once had and nobody has."""
        row = read_session(connection, session_id)
        if row is None or not self._may_see(connection, row):
            raise not_found()
        return row

    def holds(self, row: SessionRow) -> bool:
        """Whether he may have what only the holder and the customer's side may: contact details, the page."""
        return self.mechanic is None or row.mechanic_id == self.mechanic.id

    def view(self, row: SessionRow, shop: Shop) -> dict[str, Any]:
        """The row as he may see it."""
        if self.mechanic is None:
            return own_view(row, shop)
        if row.offered_to_id == self.mechanic.id:
            return offered_view(row)
        return holder_view(row, shop) if self.holds(row) else open_view(row)

    def _may_see(self, connection: Connection, row: SessionRow) -> bool:
        if self.mechanic is None or row.mechanic_id == self.mechanic.id:
            return True
        if row.mechanic_id is not None:
            return row.offered_to_id == self.mechanic.id
        if row.status == Status.PENDING and row.type in self.mechanic.types:
            return True
        had = "SELECT 1 FROM events WHERE session_id = ? AND mechanic_id = ? AND kind <> 'offer_declined' LIMIT 1"
        return bool(connection.execute(had, (row.id, self.mechanic.id)).fetchall())


def detail(connection: Connection, reader: Reader, session_id: str, shop: Shop) -> dict[str, Any]:
    """One session with its events, summary and review."""
    with one_moment(connection):
        row = reader.sees(connection, session_id)
        return {
            "session": reader.view(row, shop),
            "events": _events(connection, session_id, reader),
            "attempts": attempts_at(connection, session_id) if reader.mechanic else [],
            "summary": _first_as_dict(
                connection,
                "findings, steps_taken, parts_needed, next_steps, submitted_at",
                "session_summaries WHERE session_id",
                session_id,
            ),
            "review": _first_as_dict(
                connection, "rating, comment, created_at", "session_reviews WHERE session_id", session_id
            ),
        }


def _events(connection: Connection, session_id: str, reader: Reader) -> list[dict[str, Any]]:
    """What happened; that somebody passed on it only he himself is told, of offers only those who made or got them."""
    rows = connection.execute(
        "SELECT e.seq, e.kind, e.at, e.actor, e.mechanic_id, m.name, e.other_id, o.name, e.reason FROM events e "
        "LEFT JOIN mechanics m ON m.id = e.mechanic_id LEFT JOIN mechanics o ON o.id = e.other_id "
        f"WHERE e.session_id = :id AND (e.kind NOT IN {_PRIVATE} OR :me IN (e.mechanic_id, e.other_id)) ORDER BY e.seq",
        {"id": session_id, "me": reader.mechanic and reader.mechanic.id},
    )
    return [
        {
            "seq": seq,
            "kind": kind,
            "at": at,
            "actor": actor,
            "mechanic": mechanic_id and {"id": mechanic_id, "name": name},
            "other": other_id and {"id": other_id, "name": other},
            "reason": reason,
        }
        for seq, kind, at, actor, mechanic_id, name, other_id, other, reason in rows
    ]


def _first_as_dict(connection: Connection, columns: str, tables: str, session_id: str) -> dict[str, Any] | None:
    """The first row of `columns`, each by its name, that `tables` has for a session."""
    names = [column.strip().rpartition(".")[2] for column in columns.split(",")]
    for row in connection.execute(f"SELECT {columns} FROM {tables} = ?", (session_id,)):
        return dict(zip(names, row, strict=True))
    return None


def intake(connection: Connection, reader: Reader, session_id: str) -> dict[str, Any]:
    """Every field as it was submitted; contact details for the holder and the customer's side only."""
    with one_moment(connection):
        row = reader.sees(connection, session_id)
        fields = _first_as_dict(
            connection,
            "i.id, i.type, i.plan, i.urgent, i.name, i.email, i.phone, i.city, i.year, i.make, i.model, i.vin, "
            "i.plate, i.odometer, i.concern, i.drivable, i.history, i.created_at",
            "intakes i JOIN sessions s ON s.intake_id = i.id WHERE s.id",
            session_id,
        )
        assert fields is not None
        files = connection.execute(
            "SELECT f.id, f.name, f.mime, length(f.content), t.file_id IS NOT NULL FROM intake_files f "
            "LEFT JOIN thumbs t ON t.file_id = f.id WHERE f.intake_id = ? ORDER BY f.position",
            (fields.pop("id"),),
        )
        hidden = not reader.holds(row)
        fields |= {"email": None, "phone": None} if hidden else {}
        return fields | {
            "session_id": session_id,
            "urgent": bool(fields["urgent"]),
            "drivable": None if fields["drivable"] is None else bool(fields["drivable"]),
            "history": json.loads(fields["history"]),
            "contact_hidden": hidden,
            "files": [
                {"id": i, "name": name, "mime": mime, "bytes": size, "picture": bool(picture)}
                for i, name, mime, size, picture in files
            ],
        }


def report(connection: Connection, reader: Reader, session_id: str, shop: Shop) -> dict[str, Any]:
    """All of a completed session that its customer takes home, for its holder and the customer's side."""
    told = detail(connection, reader, session_id, shop)
    filled_in = intake(connection, reader, session_id)
    if filled_in["contact_hidden"]:
        raise not_found()
    if told["session"]["status"] != Status.COMPLETED:
        raise Refusal(409, Code.NOT_COMPLETED, "Only a completed session has a report.")
    del told["attempts"]
    return {"shop": shop.name, "intake": filled_in, "made_at": reader.now, **told}


def file(connection: Connection, reader: Reader, session_id: str, file_id: str) -> tuple[str, bytes]:
    """Name and content of one file of the intake."""
    with one_moment(connection):
        reader.sees(connection, session_id)
        rows = connection.execute(
            "SELECT f.name, f.content FROM intake_files f JOIN sessions s ON s.intake_id = f.intake_id "
            "WHERE s.id = ? AND f.id = ?",
            (session_id, file_id),
        ).fetchall()
    if not rows:
        raise not_found("file")
    return rows[0][0], rows[0][1]


def thumb(connection: Connection, reader: Reader, session_id: str, file_id: str) -> tuple[int, int, bytes]:
    """Width, height and pixels of the small picture of one file."""
    with one_moment(connection):
        reader.sees(connection, session_id)
        rows = connection.execute(
            "SELECT t.width, t.height, t.rgb FROM thumbs t JOIN intake_files f ON f.id = t.file_id "
            "JOIN sessions s ON s.intake_id = f.intake_id WHERE s.id = ? AND f.id = ?",
            (session_id, file_id),
        ).fetchall()
    if not rows:
        raise not_found("picture")
    return rows[0]
