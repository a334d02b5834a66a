"""The part of a long list that is held: some pages in a row, the far ones let go of. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from mechtui.changes import Loading, Reach, Step
from mechtui.models import HistoryRow, Page, Session
from mechtui.rows import TabRows

WINDOW_ROWS = 500
"""About so many rows of a list that is read by pages are held at most."""


@dataclass(frozen=True)
class Edge:
    """The ends of a page: its first and last row, and where to read on before and behind it."""

    first: Session
    last: Session
    back: str | None
    cursor: str | None


@dataclass
class Window:
    """The pages held, from first to last, and how many rows of the list come before them."""

    skipped: int = 0
    _pages: deque[Edge] = field(default_factory=deque)

    def begin(
        self, rows: TabRows, fresh: Sequence[Session], page: Page[Session] | Page[HistoryRow], step: Step
    ) -> None:
        """Hold this page alone."""
        self._pages.clear()
        rows.replace(fresh)
        self.skipped = page.total - len(fresh) if step is Step.LAST else page.skipped
        self._take(fresh, page, Step.ON)

    def extend(
        self, rows: TabRows, fresh: Sequence[Session], page: Page[Session] | Page[HistoryRow], step: Step
    ) -> None:
        """Hold this page, too, which follows what is held or comes before it; let go of what is far from it."""
        new = sum(row.id not in rows.rows for row in fresh)
        for row in fresh:
            rows.put(row)
        self._take(fresh, page, step)
        if step is Step.BACK:
            self.skipped = max(0, self.skipped - new) if page.prev_cursor else 0
        while len(rows.held) > WINDOW_ROWS and len(self._pages) > 1:
            self._let_go(rows, step)

    def reach(self, text: str, total: int) -> Reach:
        """What is held, in the words of the screen."""
        first, last = (self._pages[0], self._pages[-1]) if self._pages else (None, None)
        return Reach(
            text,
            Loading.DONE,
            cursor=last.cursor if last else None,
            back=first.back if first else None,
            skipped=self.skipped,
            total=total,
        )

    def _take(self, fresh: Sequence[Session], page: Page[Session] | Page[HistoryRow], step: Step) -> None:
        if not fresh:
            return
        edge = Edge(fresh[0], fresh[-1], page.prev_cursor, page.next_cursor)
        if step is Step.BACK:
            self._pages.appendleft(edge)
        else:
            self._pages.append(edge)

    def _let_go(self, rows: TabRows, step: Step) -> None:
        """Drop the page that is farthest from where one is reading, with all that was put beside it since."""
        if step is Step.BACK:
            self._pages.pop()
            rows.keep(0, rows.rank(self._pages[-1].last) + 1)
        else:
            self._pages.popleft()
            start = rows.rank(self._pages[0].first)
            rows.keep(start, len(rows.held))
            self.skipped += start
