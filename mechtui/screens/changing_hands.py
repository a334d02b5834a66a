"""Sessions changing hands by agreement: offering one, taking the offer back, declining what is offered."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.app import App

from mechtui.formatting import one_line
from mechtui.models import Colleagues, Session
from mechtui.screens.ports import Say
from mechtui.screens.wishes import NotDone, Outcome, Wishes
from mechtui.wording import called

if TYPE_CHECKING:
    from mechtui.screens.handover import Offer


class ChangingHands:
    """Carries these actions out for all screens. `read` gives the colleagues."""

    def __init__(
        self,
        app: App[int],
        wishes: Wishes,
        read: Callable[[], Awaitable[Colleagues]],
        say: Say,
        run: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._app = app
        self._wishes = wishes
        self._read = read
        self._say = say
        self._run = run

    def offer_or_withdraw(self, row: Session | None) -> None:
        """Ask to whom, and offer it; of one that is offered, ask whether to take that back."""
        from mechtui.screens.confirm import WithdrawPanel
        from mechtui.screens.handover import HandoverPanel

        if row is None:
            return

        def chosen(offer: "Offer | None") -> None:
            if offer is not None:
                self._run(self._offer(row, offer))

        def answer(yes: bool | None) -> None:
            if yes:
                self._run(self._withdraw(row))

        if row.offered_to is None:
            self._app.push_screen(HandoverPanel(row, self._read), chosen)
        else:
            self._app.push_screen(WithdrawPanel(row, row.offered_to.name), answer)

    def decline(self, row: Session) -> None:
        """Ask why, then say no."""
        from mechtui.screens.declining import DeclinePanel

        def answer(reason: str | None) -> None:
            if reason is not None:
                self._run(self._decline(row, reason))

        self._app.push_screen(DeclinePanel(row), answer)

    async def _offer(self, row: Session, offer: "Offer") -> None:
        outcome = await self._wishes.offer(row.id, offer.to.id, offer.note)
        self._tell(outcome, f"Offered to {one_line(offer.to.name)}", f"{called(row)} stays yours until then.")

    async def _withdraw(self, row: Session) -> None:
        self._tell(await self._wishes.withdraw(row.id), "No longer offered", f"{called(row)} is yours alone.")

    async def _decline(self, row: Session, reason: str) -> None:
        self._tell(await self._wishes.decline(row.id, reason), "Declined", called(row))

    def _tell(self, outcome: Outcome, title: str, words: str) -> None:
        if isinstance(outcome, NotDone):
            self._say(outcome.title, outcome.words, "warning")
        else:
            self._say(title, words)
