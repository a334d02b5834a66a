"""The rows of one tab: kept in order, found by id or by place, filtered as one types. Pure."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

from mechtui.models import Session
from mechtui.search.marks import NO_MARKS, marks_of
from mechtui.search.predicate import Predicate, Viewer, moves_with_time, narrows, predicate_of, searchable
from mechtui.search.syntax import Query


class Tab(StrEnum):
    """The four lists, in the origin's order."""

    INCOMING = "incoming"
    ACTIVE = "active"
    COMPLETED = "completed"
    HISTORY = "history"


Key = tuple[float, ...]


class Order:
    """Ids in the order of their keys. Finding, putting and dropping one needs no walk over all."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._sorted: list[tuple[Key, str]] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[str]:
        return (item[1] for item in self._sorted)

    def __contains__(self, row_id: str) -> bool:
        return row_id in self._keys

    def at(self, place: int) -> str:
        """The id at a place."""
        return self._sorted[place][1]

    def place(self, row_id: str) -> int | None:
        """The place of an id, or nothing when it is not here."""
        key = self._keys.get(row_id)
        return None if key is None else bisect_left(self._sorted, (key, row_id))

    def put(self, row_id: str, key: Key) -> None:
        """Put an id where its key belongs."""
        if self._keys.get(row_id) == key:
            return
        self.drop(row_id)
        self._keys[row_id] = key
        insort(self._sorted, (key, row_id))

    def drop(self, row_id: str) -> None:
        """Take an id out; one that is not here is none the less gone."""
        place = self.place(row_id)
        if place is not None:
            del self._sorted[place], self._keys[row_id]

    def rank(self, row_id: str, key: Key) -> int:
        """How many come before a row of this id and key, whether it is held or not."""
        return bisect_left(self._sorted, (key, row_id))

    def replace(self, keyed: Iterable[tuple[str, Key]]) -> None:
        """Hold exactly these."""
        self._keys = dict(keyed)
        self._sorted = sorted((key, row_id) for row_id, key in self._keys.items())


class TabRows:
    """The rows of one tab, all of them and those that meet its filter.

    `shown` is what the screen paints. Rows are found by id here and by place there.
    """

    def __init__(self, key: Callable[[Session], Key]) -> None:
        self.rows: dict[str, Session] = {}
        self.query = Query()
        self.marks = NO_MARKS
        self._key = key
        self._all = Order()
        self._matching = Order()
        self._texts: dict[str, str] = {}
        self._meets: Predicate = lambda _: True

    @property
    def filter_text(self) -> str:
        """What was typed."""
        return self.query.text

    @property
    def shown(self) -> Order:
        """The ids to paint, in order."""
        return self._matching if self.query else self._all

    def rank(self, row: Session) -> int:
        """How many of all rows come before this one, which need not be held."""
        return self._all.rank(row.id, self._key(row))

    def keep(self, start: int, end: int) -> None:
        """Let go of all rows but those from one place to another, filter or not."""
        for row_id in [*list(self._all)[:start], *list(self._all)[end:]]:
            self.drop(row_id)

    @property
    def held(self) -> Order:
        """The ids of all rows, filter or not."""
        return self._all

    def put(self, row: Session) -> None:
        """Hold a row in place of an older one of the same id."""
        self.rows[row.id] = row
        self._texts.pop(row.id, None)
        self._all.put(row.id, self._key(row))
        if self.query and self._meets(row):
            self._matching.put(row.id, self._key(row))
        else:
            self._matching.drop(row.id)

    def drop(self, row_id: str) -> None:
        """Let a row go; one that is not here is none the less gone."""
        self.rows.pop(row_id, None)
        self._texts.pop(row_id, None)
        self._all.drop(row_id)
        self._matching.drop(row_id)

    def replace(self, rows: Iterable[Session]) -> None:
        """Hold exactly these rows."""
        self.rows = {row.id: row for row in rows}
        self._texts.clear()
        self._all.replace((row.id, self._key(row)) for row in self.rows.values())
        self._refilter(self.rows.values())

    def narrow(self, query: Query, viewer: Viewer) -> None:
        """Show only what `query` asks for."""
        among = self._matching if self.query and narrows(query.tree, self.query.tree) else self._all
        self.query, self.marks = query, marks_of(query.tree, viewer)
        self._meets = predicate_of(query.tree, replace(viewer, text=self._text))
        self._refilter([self.rows[row_id] for row_id in among])

    def pass_time(self) -> bool:
        """Let rows come and go that meet the filter by the time that has passed; whether one did."""
        if not moves_with_time(self.query.tree):
            return False
        before = list(self._matching)
        self._refilter(self.rows.values())
        return before != list(self._matching)

    def _refilter(self, among: Iterable[Session]) -> None:
        meeting = (row for row in among if self._meets(row)) if self.query else ()
        self._matching.replace((row.id, self._key(row)) for row in meeting)

    def _text(self, row: Session) -> str:
        text = self._texts.get(row.id)
        if text is None:
            text = self._texts[row.id] = searchable(row)
        return text


def incoming_key(row: Session) -> Key:
    """Urgent first, then oldest first."""
    return (0.0 if row.urgent else 1.0, row.created_at.timestamp())


def active_key(row: Session) -> Key:
    """In the order they were accepted."""
    return ((row.accepted_at or row.created_at).timestamp(),)


def completed_key(row: Session) -> Key:
    """Latest end first."""
    return (-(row.ended_at or row.created_at).timestamp(),)


def history_key(row: Session) -> Key:
    """Latest request first."""
    return (-row.created_at.timestamp(),)


KEYS: dict[Tab, Callable[[Session], Key]] = {
    Tab.INCOMING: incoming_key,
    Tab.ACTIVE: active_key,
    Tab.COMPLETED: completed_key,
    Tab.HISTORY: history_key,
}
