"""The tables of a shop, and what is copied of them from one kind of database to the other."""

from collections.abc import Callable
from typing import NamedTuple

from mechtui.server.db.connection import Columns


class Table(NamedTuple):
    """A table's columns, but for those worked out from others, and how many of its rows may be in memory at once."""

    columns: Columns
    rows: int

    @property
    def name(self) -> str:
        """Its name."""
        return self.columns.table


TABLES = (
    "plans", "mechanics", "mechanic_keys", "logins", "desks", "customers", "intakes", "intake_files", "thumbs",
    "sessions", "events", "feed_head", "idempotency", "session_summaries", "session_reviews", "passes", "attempts",
    "handovers", "removals",
)  # fmt: skip
"""Each behind those it refers to. What else there is belongs to one kind of database alone."""
ROWS = 500
LARGE_ROWS = {"intake_files": 4, "thumbs": 100}
"""Files of customers are up to 8 MiB each."""

Tell = Callable[[int, int], None]
"""Told how much of how much is copied."""
