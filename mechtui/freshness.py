"""How far what is shown can be trusted: the line to the backend, the age of the rows, the server's time. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from mechtui.changes import NOTHING, Change
from mechtui.clock import Clock
from mechtui.models import Audit
from mechtui.replica import LinkChanged, LinkState
from mechtui.text import SafeText


class Freshness:
    """What is known of the line and of time. The clock is handed in."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.link = LinkChanged(LinkState.CONNECTING)
        self.link_since = self.clock.steady()
        self.read_only = ""
        self.audit: Audit | None = None
        self._server_at: datetime | None = None
        self._read_at = self.clock.steady()
        self._proved_at = self.clock.steady()

    @property
    def state(self) -> LinkState:
        """How far the screen can be trusted."""
        live = self.link.state in {LinkState.LIVE, LinkState.POLLING}
        return LinkState.READ_ONLY if live and self.read_only else self.link.state

    @property
    def now(self) -> datetime:
        """The server's time, carried on by the steady clock since it was last heard."""
        if self._server_at is None:
            return self.clock.wall()
        return self._server_at + timedelta(seconds=self.clock.steady() - self._read_at)

    @property
    def knows_time(self) -> bool:
        """Whether `now` is the server's time and not this machine's."""
        return self._server_at is not None

    @property
    def age(self) -> float:
        """Seconds since the rows were last proved to be the server's."""
        return max(0.0, self.clock.steady() - self._proved_at)

    @property
    def proved(self) -> datetime:
        """When, by the server's clock, the rows were last proved to be the server's."""
        return self.now - timedelta(seconds=self.age)

    @property
    def retry_in(self) -> float | None:
        """Seconds until the next try to reach the backend, where one is planned."""
        if self.link.retry_in is None:
            return None
        return max(0.0, self.link_since + self.link.retry_in - self.clock.steady())

    def tell_time(self, server_now: datetime) -> None:
        """Set the clock by the server's."""
        self._server_at, self._read_at = server_now, self.clock.steady()

    def set_read_only(self, why: str) -> Change:
        """Writes get no answer, for this reason; an empty one means that they do again."""
        if why == self.read_only:
            return NOTHING
        self.read_only = SafeText(why)
        return Change(link=True)

    def set_audit(self, audit: Audit | None) -> Change:
        """The backend has looked its database through."""
        if audit == self.audit:
            return NOTHING
        self.audit = audit
        return Change(link=True)

    def prove(self) -> None:
        """The rows held are the server's at this moment."""
        self._proved_at = self.clock.steady()

    def _link(self, update: LinkChanged) -> Change:
        if update.state is LinkState.LIVE:
            self.prove()
        self.link = replace(update, why=SafeText(update.why))
        self.link_since = self.clock.steady()
        return Change(link=True)
