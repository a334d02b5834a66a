"""The old tables: which columns are read, and all their rows with an index for each way from one to another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mechtui.server.legacy import cells
from mechtui.server.legacy.cells import Read
from mechtui.server.legacy.source import Cells, Source


class Ref(NamedTuple):
    """One row of the old database. Where a table has no ids, or a row has lost its own, it is `#` and its number."""

    table: str
    id: str


@dataclass(frozen=True)
class Row:
    """A row whose cells are what their columns say."""

    ref: Ref
    cells: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return self.ref.id

    def __getitem__(self, name: str) -> Any:
        return self.cells[name]

    def at(self, name: str) -> datetime | None:
        """A time of it."""
        moment: datetime | None = self.cells[name]
        return moment


def _columns(read: Read, names: str) -> dict[str, Read]:
    return dict.fromkeys(names.split(), read)


TABLES: dict[str, dict[str, Read]] = {
    "sessions": {
        **_columns(cells.key, "customer_user_id mechanic_id intake_id parent_session_id"),
        **_columns(cells.word, "plan type status"),
        **_columns(cells.text, "stripe_session_id cancelled_by cancellation_reason mechanic_notes rating_comment"),
        **_columns(
            cells.time, "created_at updated_at started_at ended_at expires_at cancelled_at summary_submitted_at"
        ),
        **_columns(cells.things, "metadata summary_data"),
        **_columns(cells.whole, "duration_minutes rating"),
    },
    "session_requests": {
        **_columns(cells.key, "customer_id mechanic_id session_id parent_session_id vehicle_id"),
        **_columns(cells.word, "plan_code session_type status"),
        **_columns(cells.text, "customer_name customer_email description notes"),
        **_columns(cells.time, "created_at accepted_at expires_at updated_at"),
        **_columns(cells.flag, "is_urgent is_follow_up"),
    },
    "session_assignments": {
        **_columns(cells.key, "session_id mechanic_id"),
        **_columns(cells.word, "status"),
        **_columns(cells.time, "accepted_at created_at"),
    },
    "intakes": {
        **_columns(cells.key, "vehicle_id"),
        **_columns(cells.text, "name customer_name email phone city vin year make model odometer plate concern"),
        **_columns(cells.flag, "urgent"),
        **_columns(cells.several, "files"),
        **_columns(cells.time, "created_at"),
    },
    "profiles": {
        **_columns(cells.word, "role"),
        **_columns(cells.text, "full_name email phone city"),
        **_columns(cells.time, "created_at"),
    },
    "mechanics": {
        **_columns(cells.key, "user_id"),
        **_columns(cells.text, "name email"),
        **_columns(cells.word, "application_status account_status"),
        **_columns(cells.flag, "can_accept_sessions"),
        **_columns(cells.time, "created_at"),
    },
    "vehicles": _columns(cells.text, "year make model vin plate mileage"),
    "service_plans": {
        **_columns(cells.word, "slug"),
        **_columns(cells.text, "name"),
        **_columns(cells.cents, "price"),
        **_columns(cells.whole, "duration_minutes"),
    },
    "session_events": {
        **_columns(cells.key, "session_id mechanic_id user_id"),
        **_columns(cells.word, "event_type"),
        **_columns(cells.time, "created_at"),
    },
    "session_summaries": {
        **_columns(cells.key, "session_id"),
        **_columns(cells.text, "customer_report"),
        **_columns(cells.several, "identified_issues"),
        **_columns(cells.time, "created_at"),
    },
    "session_reviews": {
        **_columns(cells.key, "session_id"),
        **_columns(cells.whole, "rating"),
        **_columns(cells.text, "comment"),
        **_columns(cells.time, "created_at"),
    },
    "session_extensions": {
        **_columns(cells.key, "session_id"),
        **_columns(cells.whole, "minutes"),
        **_columns(cells.text, "payment_intent_id"),
    },
    "session_files": {
        **_columns(cells.key, "session_id"),
        **_columns(cells.text, "file_name file_type storage_path transcript"),
    },
    "mechanic_earnings": {
        **_columns(cells.key, "session_id mechanic_id"),
        **_columns(cells.whole, "gross_amount_cents"),
    },
}
"""What is read of each table; the old names. A column that is not in the export is as if it were empty."""
SAME = {"mechanic_reviews": "session_reviews"}
"""Tables that hold the same as another one."""
_IDS: dict[str, tuple[str, Read]] = {
    **dict.fromkeys(
        ("sessions", "session_requests", "intakes", "profiles", "mechanics", "vehicles"), ("id", cells.key)
    ),
    "service_plans": ("slug", cells.word),
    "session_summaries": ("session_id", cells.key),
}
"""By which column a row is known, where other rows refer to it. Of the others the id is for people only."""


@dataclass
class Old:
    """All the old rows that can be read, and why the others cannot. `unknown` counts tables nobody here reads."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})
    unreadable: dict[Ref, str] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    _by: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict)

    def all(self, table: str) -> Iterable[Row]:
        """Every readable row of a table."""
        return self.rows[table].values()

    def get(self, table: str, row_id: str | None) -> Row | None:
        """The row with this id."""
        return None if row_id is None else self.rows[table].get(row_id)

    def where(self, table: str, column: str, value: Any) -> list[Row]:
        """The rows that have this in that column, in the order of the export."""
        if (table, column) not in self._by:
            index: dict[Any, list[Row]] = defaultdict(list)
            for row in self.all(table):
                index[row[column]].append(row)
            self._by[table, column] = index
        return [] if value is None else self._by[table, column].get(value, [])


def load(source: Source, progress: Callable[[str, int], None] = lambda table, rows: None) -> Old:
    """Read the tables. `progress` is told of each when it is read. Raises `SourceError`."""
    old = Old()
    for name in source.tables():
        table = SAME.get(name, name)
        if table not in TABLES:
            old.unknown[name] = sum(1 for _ in source.rows(name))
            continue
        count = 0
        for count, given in enumerate(source.rows(name), 1):
            _take(old, table, name, count, given)
        progress(name, count)
    return old


def _take(old: Old, table: str, name: str, number: int, given: Cells) -> None:
    ref = Ref(name, f"#{number}")
    try:
        row_id = _id(table, given) or ref.id
        ref = Ref(name, row_id)
        if row_id in old.rows[table] or ref in old.unreadable:
            ref = Ref(name, f"{row_id} #{number}")
            raise ValueError("another row has the same id")
        old.rows[table][row_id] = Row(ref, _read(table, given))
    except (ValueError, TypeError, AttributeError) as error:
        old.unreadable[ref] = str(error)


def _id(table: str, given: Cells) -> str | None:
    if table not in _IDS:
        return cells.text(given.get("id"))
    column, read = _IDS[table]
    row_id: str | None = read(given.get(column))
    if row_id is None:
        raise ValueError(f"{column}: is empty")
    return row_id


def _read(table: str, given: Cells) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for column, reader in TABLES[table].items():
        try:
            read[column] = reader(given.get(column))
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"{column}: {error}") from error
    return read
