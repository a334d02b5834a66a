"""Keys one after the other: each has done what it does before the next is looked at.

Over a slow line keys come in bunches. Textual hands each to whatever has the focus when it comes, which is before those
ahead of it have done anything: what is typed for a panel would be lost, and what is typed for its second field would go
into the first.
"""

import asyncio
from collections import deque
from typing import Any

from textual.app import App, ReturnType
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

PATIENCE_SECONDS = 0.5
"""After so long a key is not waited for: what was to tell that it is done went with the panel that it closed."""


class TurnOver(Message):
    """A key has been dealt with, or is no longer waited for.

    It comes up to the app from what took the key, behind whatever that had to say about it: Enter in a line, say.
    """

    def __init__(self, typed: Event) -> None:
        super().__init__()
        self.typed = typed


class InTurn(App[ReturnType]):
    """An app whose keys wait for each other.

    A key is done when it has come up to the app through all that could take it, or where one of these has stopped it;
    and what was said of it there has come up, too.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._typed: deque[Key | Paste] = deque()
        self._typed_on: Screen[Any] | None = None
        self._taker: Widget | None = None
        self._patience: asyncio.TimerHandle | None = None

    async def on_event(self, event: Event) -> None:
        """A key or a paste that comes from the terminal has to wait for those before it."""
        if not isinstance(event, Key | Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            self._taken(event)
        else:
            self._typed.append(event)
            if len(self._typed) == 1:
                await self._next()

    async def on_turn_over(self, event: TurnOver) -> None:
        """Go on with the next."""
        await self._over(event.typed)

    async def _next(self) -> None:
        typed = self._typed[0]
        self._typed_on = self.screen
        self._wait_no_longer()
        self._patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self.post_message, TurnOver(typed))
        self._taker = self.focused or self.screen
        await super().on_event(typed)
        if typed.is_forwarded:
            self._taker.call_later(self._seen_by_taker, typed)
        else:
            await self._over(typed)

    def _seen_by_taker(self, typed: Key | Paste) -> None:
        if typed._stop_propagation:
            self._taken(typed)

    def _taken(self, typed: Event) -> None:
        """Tell it from where it was taken, if that is still there."""
        taker = self._taker if self.screen is self._typed_on else None
        (self if taker is None else taker).post_message(TurnOver(typed))

    async def _over(self, typed: Event) -> None:
        """Go on; but what a key opened has to be there first."""
        if not self._typed or typed is not self._typed[0]:
            return
        if self.screen is not self._typed_on:
            self._typed_on = self.screen
            self.screen.call_after_refresh(self.post_message, TurnOver(typed))
            return
        self._typed.popleft()
        self._wait_no_longer()
        if self._typed:
            await self._next()

    def _wait_no_longer(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
