"""What goes wrong, and when. Each run has some kinds of trouble of all there are, as often as chance has it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from mechtui.server.db.sqlite import copies
from tests.simulation.desk import Desk
from tests.simulation.machine import Host
from tests.simulation.net import Link, Weather
from tests.simulation.terminal import Terminal
from tests.simulation.world import World

SECOND, MINUTE, HOUR = 1.0, 60.0, 3600.0
JUMPS = (10 * SECOND, 10 * MINUTE, 3 * HOUR)


@dataclass
class Trouble:
    """All that can go wrong."""

    world: World
    host: Host
    terminals: list[Terminal]
    desk: Desk
    restored: Callable[[], None]
    """Called before a backup takes the database's place."""
    strikes: int = 0
    _saved: int = 0
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.chance = self.world.chance("trouble")

    @property
    def links(self) -> list[Link]:
        """Every terminal's, and the desk's."""
        return [*(terminal.link for terminal in self.terminals), self.desk.link]

    async def run(self, seconds: float) -> None:
        """Trouble for so long."""
        kinds = [
            self.bad_weather, self.cut, self.fall_silent, self.refuse, self.stall, self.suspend, self.kill_terminal,
            self.stop_backend, self.kill_backend, self.cut_power, self.turn_clock, self.restore_backup,
        ]  # fmt: skip
        kinds = self.chance.sample(kinds, self.chance.randint(3, len(kinds)))
        pause = self.chance.uniform(2.0, 8.0)
        self.world.note("trouble", ", ".join(sorted(kind.__name__ for kind in kinds)))
        until = self.world.now + seconds
        while self.world.now < until:
            await self.world.sleep(self.chance.expovariate(1 / pause))
            self.strikes += 1
            self.chance.choice(kinds)()

    async def end(self) -> None:
        """Everything works from now on. Clocks stay as wrong as they are, silent lines silent."""
        self.world.is_calm = True
        self.world.note("trouble", "is over")
        self.host.disk.disarm()
        for link in self.links:
            link.heal()
        for terminal in self.terminals:
            terminal.wake()
            if terminal.is_dead:
                terminal.start()
        async with self._busy:
            if not self.host.node.runs:
                self.host.start()

    def _some(self) -> Terminal:
        return self.chance.choice(self.terminals)

    def _note(self, what: str) -> None:
        self.world.note("trouble", what)

    def _after(self, seconds: float, call: Callable[[], object]) -> None:
        """Unless all is well by then."""
        self.world.later(seconds, lambda: None if self.world.is_calm else call())

    # --- the net ------------------------------------------------------------------------------------------------

    def bad_weather(self) -> None:
        """One terminal's line loses, repeats, cuts."""
        link = self.chance.choice(self.links)
        draw = self.chance.uniform
        link.weather = Weather(draw(0.002, 0.2), draw(0, 0.2), draw(0, 0.3), draw(0, 0.1), draw(0, 0.2))
        self._note(f"bad weather for {link.name}")
        self._after(draw(5, 40), link.heal)

    def cut(self) -> None:
        """One line, or all."""
        links = self.links if self.chance.random() < 0.2 else [self.chance.choice(self.links)]
        self._note(f"cuts {len(links)}")
        for link in links:
            link.cut()

    def fall_silent(self) -> None:
        """A line is open, and nothing comes through any more; later another one can be had."""
        links = self.links if self.chance.random() < 0.2 else [self.chance.choice(self.links)]
        self._note(f"silences {', '.join(link.name for link in links)}")
        for link in links:
            link.silence()
            self._after(self.chance.uniform(1, 40), link.heal)

    def refuse(self) -> None:
        """No line can be had for a while, or no websocket, or only that."""
        link = self.chance.choice(self.links)
        link.refuses_http, link.refuses_feed = self.chance.choice(((True, True), (True, False), (False, True)))
        self._note(f"refuses {link.name}")
        link.cut()
        self._after(self.chance.uniform(1, 40), link.heal)

    def stall(self) -> None:
        """Frames come later, and then all at once."""
        link = self.chance.choice(self.links)
        for wire in link.wires[-1:]:
            wire.stall(self.chance.uniform(0.5, 5))

    # --- terminals ----------------------------------------------------------------------------------------------

    def suspend(self) -> None:
        """A laptop is closed, and mostly the net forgets about it meanwhile."""
        terminal = self._some()
        if not terminal.runs:
            return
        terminal.sleep()
        if self.chance.random() < 0.7:
            terminal.link.silence_wires()
        self._after(self.chance.choice((1.0, 4.0, 30.0, 300.0)) * self.chance.random(), terminal.wake)

    def kill_terminal(self) -> None:
        """And start it again."""
        terminal = self._some()
        if terminal.runs:
            terminal.kill()
            self._after(self.chance.uniform(0.1, 20), lambda: terminal.start() if terminal.is_dead else None)

    # --- the backend ----------------------------------------------------------------------------------------------

    def kill_backend(self) -> None:
        """`kill -9`."""
        self._down(self.host.kill)

    def cut_power(self) -> None:
        """At once, or in the middle of one of the next commits."""
        if self.chance.random() < 0.3:
            self._down(self.host.lose_power)
        elif self.host.node.runs:
            self.host.lose_power_at(self.chance.randint(1, 30))
            self._after(self.chance.uniform(3, 10), lambda: self._down(self.host.kill))

    def stop_backend(self) -> None:
        """As a service is stopped."""
        if self.host.listens and not self._busy.locked():
            self.world.loop.create_task(self._stop())

    async def _stop(self) -> None:
        """It is started again, soon, or at once when all is to be well."""
        async with self._busy:
            await self.host.stop()
        self.world.later(0.0 if self.world.is_calm else self.chance.uniform(0.1, 10), self._start)

    def _down(self, end: Callable[[], None]) -> None:
        if not self._busy.locked():
            end()
            self._after(self.chance.uniform(0.1, 10), self._start)

    def _start(self) -> None:
        if not self.host.node.runs and not self._busy.locked():
            self.host.start()

    def restore_backup(self) -> None:
        """Make a copy; some time after that, put it in the database's place."""
        if not self.host.listens or self._busy.locked() or self.chance.random() < 0.5:
            return
        self._saved += 1
        saved = self.host.path.with_name(f"backup-{self._saved}")
        self.host.disk.disarm()
        copies.backup(self.host.path, saved, lambda done, of: None)
        self._note("a backup is made")

        def restore() -> None:
            if not self._busy.locked():
                self.host.kill()
                self.restored()
                self.host.restore(saved)
                self._note("the backup is restored")
                self._after(1.0, self._start)

        self._after(self.chance.uniform(1, 30), restore)

    # --- clocks -----------------------------------------------------------------------------------------------

    def turn_clock(self) -> None:
        """Somebody sets a machine's clock: forward, back, or right."""
        clock = self.chance.choice([self.host.clock, *(terminal.wall for terminal in self.terminals)])
        by = self.chance.choice((0.0, *JUMPS, *(-jump for jump in JUMPS))) * self.chance.random()
        clock.wrong_by = by
        self._note(f"turns a clock by {by:.1f} s")


def weather_of(chance: random.Random) -> Weather:
    """What a line is like on a good day."""
    return Weather(delay=chance.choice((0.001, 0.01, 0.05)))
