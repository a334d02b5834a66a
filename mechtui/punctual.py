"""Timers that go off once, however busy the machine is.

Textual leaves out a tick that is late. Of a timer with a single one it so leaves out all, where the machine was busy
just as it began, and says so to nobody: the window had another size, say, and what is painted never followed.
"""

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class Punctual(MessagePump):
    """An app or a screen whose timers go off late rather than never."""

    def set_timer(
        self, delay: float, callback: TimerCallback | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        """Call something once, after `delay` seconds."""
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False  # it begins only when this has returned
        return timer
