"""Reading every session there is, of all mechanics, as of one moment: for whoever looks after the database."""

from collections.abc import Iterator

from mechtui.server.db.connection import Connection
from mechtui.server.db.rows import SELECT_SESSION, SessionRow

PAGE_ROWS = 500
_PAGE = f"{SELECT_SESSION} WHERE (s.created_at, s.id) > (?, ?) ORDER BY s.created_at, s.id LIMIT {PAGE_ROWS}"


def pages(connection: Connection) -> Iterator[list[SessionRow]]:
    """All sessions, the first request first, some at a time; in a transaction that is open already."""
    last = ("", "")
    while rows := [SessionRow._make(row) for row in connection.execute(_PAGE, last)]:
        yield rows
        last = (rows[-1].created_at, rows[-1].id)
