"""The rows of the tabs, with those put aside on this terminal below the others. Pure."""

from datetime import datetime

from mechtui.changes import Change, News, Topic
from mechtui.clock import Clock
from mechtui.marks import Marks
from mechtui.models import HistoryRow, Session
from mechtui.rows import KEYS, Key, Tab, TabRows
from mechtui.tabs import Tabs


class Asides(Tabs):
    """The tabs, and what the mechanic noted about requests."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.marks = Marks()
        self.tabs[Tab.INCOMING] = TabRows(self._queue_key)

    def snooze(self, row: Session, until: datetime) -> Change:
        """Put a request aside for a while."""
        self.marks.snooze(row, until)
        self.tabs[Tab.INCOMING].put(row)
        return Change(frozenset({Tab.INCOMING}), frozenset({row.id}))

    def wake(self, row: Session) -> Change:
        """Put a snoozed request back to its place."""
        self.marks.wake(row.id)
        if row.id in self.tabs[Tab.INCOMING].rows:
            self.tabs[Tab.INCOMING].put(self.tabs[Tab.INCOMING].rows[row.id])
        return Change(frozenset({Tab.INCOMING}), frozenset({row.id}))

    def wake_those_due(self) -> tuple[News, ...]:
        """Put back the snoozed requests whose time has come."""
        rows = self.tabs[Tab.INCOMING].rows
        woken = self.marks.wake_due(self.now)
        for row_id in woken & rows.keys():
            self.tabs[Tab.INCOMING].put(rows[row_id])
        return tuple(News(Topic.AWAKE, rows[row_id]) for row_id in woken & rows.keys())

    def note_no_pass(self, row_id: str) -> None:
        """A request that waits here is not passed on: History must not say so any more."""
        noted = self.tabs[Tab.HISTORY].rows.get(row_id)
        if isinstance(noted, HistoryRow) and noted.outcome == "passed":
            self.tabs[Tab.HISTORY].drop(row_id)

    def _queue_key(self, row: Session) -> Key:
        """What a colleague offers stands above all, what is put aside below."""
        return (-1.0 if row.is_offer else float(row.id in self.marks.snoozed), *KEYS[Tab.INCOMING](row))
