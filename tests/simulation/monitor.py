"""Whoever looks at a terminal while it runs: whether what it says of itself is so.

A terminal that says LIVE or POLLING has heard something in the last 12 s, and holds no row that the database had not
for longer than that and what a frame can take on its way. Its age is never less than the time since its rows were
proved. One that was asleep has a second to notice, or a try and a poll where it can only poll.
"""

import math
from dataclasses import dataclass, field

from mechtui.feed import POLL_PATIENCE_SECONDS, SLEPT_SECONDS, TICK_SECONDS
from mechtui.feed_line import OPEN_SECONDS
from mechtui.frames import DEAD_SECONDS
from mechtui.models import Status
from mechtui.replica import LinkState
from mechtui.rows import Tab
from mechtui.server.db.events import Position, position
from mechtui.server.db.rows import read_session
from tests.simulation.machine import Host
from tests.simulation.terminal import Terminal
from tests.simulation.truth import Truth, true_for
from tests.simulation.wire import LONGEST_DELAY, LONGEST_STALL
from tests.simulation.world import World

LOOKS_SECONDS = 0.5
WAKES_SECONDS = {
    LinkState.LIVE: TICK_SECONDS + LOOKS_SECONDS,
    LinkState.POLLING: OPEN_SECONDS + POLL_PATIENCE_SECONDS + LOOKS_SECONDS,
}
SILENT_SECONDS = DEAD_SECONDS + TICK_SECONDS + SLEPT_SECONDS + LOOKS_SECONDS
"""A machine that slept for less than it would notice has slept for 4 s at most."""
OLD_SECONDS = SILENT_SECONDS + LONGEST_STALL + 2 * LONGEST_DELAY + LOOKS_SECONDS


@dataclass
class _Seen:
    """What was true for one mechanic, and since when."""

    truth: Truth
    since: dict[tuple[str, int], float] = field(default_factory=dict)
    gone: dict[str, tuple[float, int]] = field(default_factory=dict)
    """When a row went, and its last version."""

    def move(self, truth: Truth, now: float) -> None:
        for row_id, version in self.truth.rows.items():
            if row_id not in truth.rows:
                self.gone[row_id] = (now, version)
        for row in truth.rows.items():
            self.since.setdefault(row, now)
        self.truth = truth


@dataclass
class Monitor:
    """Looks at every terminal twice a second."""

    world: World
    host: Host
    terminals: list[Terminal]
    seen: dict[str, _Seen] = field(default_factory=dict)
    times: dict[float, str] = field(default_factory=dict)
    """What time the backend had lately; one that is started anew may be earlier again."""
    looks: int = 0
    _at: Position | None = None

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await self.world.sleep(LOOKS_SECONDS)
            if self.host.listens:
                self._read()
                self._tell_time()
            for terminal in self.terminals:
                if terminal.runs:
                    self._look(terminal)

    def _read(self) -> None:
        at = position(self.host.reader)
        if at == self._at:
            return
        if self._at is not None and at.epoch != self._at.epoch:
            self.seen.clear()
        self._at = at
        for terminal in self.terminals:
            truth = true_for(self.host.reader, terminal.account.id)
            self.seen.setdefault(terminal.account.id, _Seen(truth)).move(truth, self.world.now)

    def _tell_time(self) -> None:
        self.times = {at: told for at, told in self.times.items() if at > self.world.now - OLD_SECONDS}
        self.times[self.world.now] = self.host.backend.store.now()

    def _look(self, terminal: Terminal) -> None:
        store, now = terminal.store, self.world.now
        proved = now - terminal.proved_at
        if store.age < proved - LOOKS_SECONDS:
            self.world.blame(f"{terminal.name} says its rows are {store.age:.1f} s old, and they are {proved:.1f}")
        if now - terminal.woke_at < WAKES_SECONDS.get(store.state, math.inf):
            return
        self.looks += 1
        silent = now - max(terminal.heard_at, terminal.proved_at)
        if silent > SILENT_SECONDS:
            self.world.blame(f"{terminal.name} says {store.state}, and has heard nothing for {silent:.1f} s")
        seen = self.seen.get(terminal.account.id)
        # Only the first digest on a line tells whether something was left out on the way to it.
        proven = store.state is LinkState.POLLING or terminal.beat_at > terminal.said_at
        if seen is not None and proven and self.host.listens:  # else the last there was to see is not known
            self._compare(terminal, seen)

    def _compare(self, terminal: Terminal, seen: _Seen) -> None:
        store, old = terminal.store, self.world.now - OLD_SECONDS
        rows = store.rows(Tab.INCOMING).rows | store.rows(Tab.ACTIVE).rows
        for (row_id, version), since in seen.since.items():
            if since > old or seen.truth.rows.get(row_id) != version:
                continue
            held = rows.get(row_id)
            if held is None and self._ran_out(row_id):
                continue
            if held is None or held.version < version:
                self.world.blame(f"{terminal.name} says {store.state} without {row_id} {version}, there since {since}")
        for row_id, (gone, version) in seen.gone.items():
            held = None if row_id in store.leaving or row_id in seen.truth.rows else rows.get(row_id)
            if held is not None and held.version <= version and gone <= old:
                self.world.blame(f"{terminal.name} says {store.state} and shows {row_id}, gone since {gone}")

    def _ran_out(self, row_id: str) -> bool:
        """Whether a request's time has passed by the backend's, so that no terminal need show it."""
        row = read_session(self.host.reader, row_id)
        return row is not None and row.status == Status.PENDING and row.expires_at <= max(self.times.values())
