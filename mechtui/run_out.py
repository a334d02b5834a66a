"""Requests whose time has passed by the backend's clock, and that the backend has not ended yet. Pure."""

from collections.abc import Iterable
from datetime import datetime

from mechtui.models import Session


class RunOut:
    """They are out of sight. Should the backend's clock be set back, they come back: they can still be taken."""

    def __init__(self) -> None:
        self._rows: dict[str, Session] = {}

    def move(self, ran_out: Iterable[Session], now: datetime) -> tuple[Session, ...]:
        """Take in those whose time has passed; gives those whose time, at the backend's `now`, has not passed."""
        self._rows |= {row.id: row for row in ran_out}
        back = tuple(row for row in self._rows.values() if row.expires_at > now)
        for row in back:
            self.forget(row.id)
        return back

    def forget(self, row_id: str) -> None:
        """The backend has said what became of this one."""
        self._rows.pop(row_id, None)
