"""The dashboard as a program: feed and answers into the store, changes of the store onto the screens.

`MechtuiApp` gets all that reaches outside handed in, so that tests and the demo's story drive it without a terminal.
"""

# ruff: noqa: E402 - Textual reads the environment once, when it is imported

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import aclosing
from typing import ClassVar

from mechtui.terminal import (
    Bell,
    Title,
    clipboard_writes,
    desktop_opener,
    has_clipboard,
    hung_up,
    prepare_environment,
)

prepare_environment(os.environ)

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.filter import LineFilter
from textual.notifications import SeverityLevel

from mechtui.api_client import MechanicClient
from mechtui.changes import Change
from mechtui.code_table import load_codes, table_path
from mechtui.config import ClientSettings, ConfigError
from mechtui.drafts import Drafts
from mechtui.driver import PasteTooLong, TerminalDriver
from mechtui.exits import say
from mechtui.feed import Feed
from mechtui.journal import Journal, identity
from mechtui.keymap import Keymap, KeymapError, remapped
from mechtui.pace import AtItsPace
from mechtui.punctual import Punctual
from mechtui.replica import LinkChanged, LinkState, Replica, SnapshotApplied, Update
from mechtui.rows import Tab
from mechtui.saved_filters import FilterBook
from mechtui.screens.afterwards import Keeps
from mechtui.screens.dashboard import DashboardScreen
from mechtui.screens.desk import Desk
from mechtui.screens.panel import Acting
from mechtui.screens.ports import Client, FeedSource, PageOpener
from mechtui.screens.setup import SetupPanel, Trouble
from mechtui.store import Store
from mechtui.text import SafeText
from mechtui.themes import THEMES, theme_named
from mechtui.turns import InTurn
from mechtui.typed import PASTE_LIMIT
from mechtui.vehicle.codes import OWN_CODES, Codes
from mechtui.widgets.frame import forget
from mechtui.widgets.plain import filters_for
from mechtui.wording import title_words

SETTLE_SECONDS = 2.0
"""How often the backend is asked about writes whose answer was lost."""
WATCH_SECONDS = 5.0
"""How often is looked whether the terminal is still there."""
SETTLED_IN_SECONDS = 2.0
"""By then the first screen is painted, and what was imported and built for it stays for good."""
HANG_UP_CODE = 129
MOST_TOASTS = 4
"""More cover the list; and more than fit Textual leaves on the screen when they end."""


class ThemedApp(Punctual, InTurn[int], AtItsPace[int]):
    """What every app here has: the themes, the style sheet, and a way out."""

    CSS_PATH = "mechtui.tcss"
    ENABLE_COMMAND_PALETTE = False
    SUSPENDED_SCREEN_CLASS = "-behind"
    TITLE = "mechtui"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+l", "paint_anew", show=False, priority=True),
    ]
    tell_crash: ClassVar[Callable[[str], None] | None] = None
    """Over SSH a crash is for the shop's log, not for the mechanic's screen."""

    def __init__(self, theme: str = "") -> None:
        super().__init__(driver_class=TerminalDriver)
        for own in THEMES:
            self.register_theme(own)
        self.theme = theme_named(theme)
        self._for_terminal = filters_for(os.environ)

    def get_line_filters(self) -> list[LineFilter]:
        """What is painted goes through Textual's own first: they know of nothing that is left out here."""
        return [*super().get_line_filters(), *self._for_terminal]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The tones, for Textual's own themes that know none."""
        return THEMES[0].variables

    def action_leave(self) -> None:
        """Leave without asking."""
        self.exit(0)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast. Whatever is quoted in it is safe text from here on."""
        words, head = SafeText.block(message), SafeText(title)
        super().notify(words, title=head, severity=severity, timeout=timeout, markup=False)
        for old in list(self._notifications)[:-MOST_TOASTS]:
            self._unnotify(old)

    def on_resize(self, _: Resize) -> None:
        """What a terminal makes of its lines at another size, only it knows; and one begun anew has none."""
        forget(self.console)

    def action_paint_anew(self) -> None:
        """Paint all, also what should be there: something else may have written over it."""
        forget(self.console)
        self.refresh()

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the clipboard of the terminal, if it has one, whatever is between."""
        self._clipboard = text
        if has_clipboard(os.environ):
            self._write(clipboard_writes(text, os.environ))

    def on_paste_too_long(self, event: PasteTooLong) -> None:
        """Tell him why nothing appears."""
        words = f"It has {event.length:,} characters; no text here may have more than {PASTE_LIMIT:,}."
        self.notify(words, title="Nothing was pasted", severity="warning")

    def _write(self, text: str) -> None:
        """Write to the terminal between two frames, in the order of Textual's own writes."""
        if self._driver is not None and not self._driver.is_headless:
            self._driver.write(text)

    def _fatal_error(self) -> None:
        """Called where an error is handled that nobody expected. Textual's own shows the values of variables, and so
        tokens; whose words the error has in it nobody knows.
        """
        if ThemedApp.tell_crash is None:
            self.bell()
            self._exit_renderables.append(Text(SafeText.block(traceback.format_exc())))
        else:
            ThemedApp.tell_crash(traceback.format_exc())
        self._close_messages_no_wait()


class MechtuiApp(ThemedApp):
    """The dashboard of one mechanic."""

    def __init__(
        self,
        client: Client,
        feed: FeedSource,
        *,
        keeps: Keeps,
        store: Store | None = None,
        opener: PageOpener | None = None,
        theme: str = "",
        token_source: str = "",
        codes: Codes = OWN_CODES,
        filters: FilterBook | None = None,
    ) -> None:
        super().__init__(theme)
        self.store = store or Store()
        self._client = client
        self._feed = feed
        self._token_source = token_source
        self._let_pass = False
        bell = Bell(self.bell, self._later, self.store.clock.steady)
        opens = opener or desktop_opener()
        self.desk = Desk(self, self.store, client, feed, opens, bell, keeps, self.changed, codes)
        self._title = Title(self._write)
        self.dashboard = DashboardScreen(self.desk, self.store, client, filters or FilterBook())
        self.desk.lists = self.dashboard

    async def on_mount(self) -> None:
        """Show the lists, then listen."""
        self.set_keymap(self.store.keymap.chosen())
        await self.push_screen(self.dashboard)
        self.set_interval(1.0, self._second)
        self.set_interval(SETTLE_SECONDS, self._settle_where_needed)
        self.desk.afterwards.begin()
        self.run_worker(self._follow(), group="feed")

    async def on_unmount(self) -> None:
        """Close the connections, and leave the window as it was called before."""
        if not hung_up(_terminal()):
            self._title.restore()
        await self._client.aclose()

    def changed(self, change: Change) -> None:
        """The store has changed: every screen in sight paints what differs, and the news are told."""
        if not change:
            return
        for screen in self.screen_stack:
            if isinstance(screen, Acting) and screen.is_mounted:
                screen.refresh_from(change)
        self.desk.afterwards.tidy(change.ids)
        self.desk.tell_news(change.news)
        self.when_ready(self._show_title)

    def _show_title(self) -> None:
        self._title.show(title_words(self.store))

    async def _follow(self) -> None:
        async with aclosing(self._feed.updates()) as updates:
            async for update in updates:
                known = self.store.synced
                self.changed(self.store.apply(update))
                self._after(update, known=known)

    def _after(self, update: Update, *, known: bool) -> None:
        """What an update asks for besides repainting."""
        match update:
            case SnapshotApplied():
                self.desk.known.learn()
                if known:
                    self._read_anew()
                else:
                    self.desk.settle()
            case LinkChanged(state=LinkState.SIGNED_OUT):
                self._show_trouble(Trouble.SIGNED_OUT, update.why)
            case LinkChanged(state=LinkState.TOO_OLD):
                self._show_trouble(Trouble.TOO_OLD, update.why)

    def _read_anew(self) -> None:
        """Events were missed, so the lists read by pages may be old."""
        for tab in (Tab.COMPLETED, Tab.HISTORY):
            if self.desk.pages.was_read(tab):
                self.desk.load(tab)

    def _show_trouble(self, trouble: Trouble, why: str = "") -> None:
        self.push_screen(SetupPanel(trouble, self._client.server, why, self._token_source))

    def _second(self) -> None:
        """While keys come every other second is let pass: no key is to wait for clocks that nobody reads just then."""
        self._let_pass = self.dashboard.busy and not self._let_pass
        if not self._let_pass:
            self._tick()

    def _tick(self) -> None:
        self.changed(self.store.tick())
        for screen in self.screen_stack:
            if isinstance(screen, Acting) and screen.is_mounted:
                screen.tick()

    def _settle_where_needed(self) -> None:
        if self.desk.wishes.unsettled:
            self.desk.settle()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self.set_timer(seconds, call)


class WelcomeApp(ThemedApp):
    """What a terminal without a token shows: how to get one."""

    def __init__(self, server: str, theme: str = "") -> None:
        super().__init__(theme)
        self._server = server

    async def on_mount(self) -> None:
        """Say what to do; closing it is leaving."""
        await self.push_screen(SetupPanel(Trouble.NO_TOKEN, self._server), lambda _: self.exit(0))


def run_dashboard(settings: ClientSettings) -> int:
    """Show the dashboard until the mechanic leaves; the exit code. A hang-up is 129, SIGQUIT 131, SIGTERM 143."""
    return asyncio.run(_run(settings))


async def _run(settings: ClientSettings) -> int:
    app = _app_for(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        loop.add_signal_handler(number, _leave, app, 128 + number)
    loop.call_later(SETTLED_IN_SECONDS, _keep_for_good)
    watch = loop.create_task(_watch_terminal(app))
    try:
        await app.run_async()
    finally:
        watch.cancel()
    return app.return_code or 0


def _app_for(settings: ClientSettings) -> ThemedApp:
    theme = os.environ.get("MECHTUI_THEME", "")
    if not settings.token:
        return WelcomeApp(settings.server, theme)
    client = MechanicClient(settings.server, settings.token, journal=Journal(settings.journal))
    feed = Feed(settings.server, settings.token, Replica(), client.snapshot)
    return MechtuiApp(
        client,
        feed,
        keeps=kept_by(settings),
        theme=theme,
        token_source=settings.token_source,
        codes=_codes(),
        filters=FilterBook(settings.config),
        store=Store(keymap=_keymap(settings)),
    )


def kept_by(settings: ClientSettings) -> Keeps:
    """What this mechanic's terminal keeps on disk; drafts are beside the journal."""
    whose = f"{settings.server} {identity(settings.token)}"
    return Keeps(Drafts(settings.journal.with_name("drafts"), whose), settings.downloads)


def _keymap(settings: ClientSettings) -> Keymap:
    try:
        return remapped(settings.keys)
    except KeymapError as error:
        raise ConfigError(f"[keys] of the configuration file: {error}") from error


def _codes() -> Codes:
    """All trouble codes there are. One can work without those of a file that cannot be read."""
    path = table_path()
    try:
        return load_codes(path)
    except (OSError, UnicodeDecodeError) as error:
        say(f"the loaded trouble codes in {path} cannot be read: {error}")
        return OWN_CODES


def _leave(app: ThemedApp, code: int) -> None:
    app.exit(code, return_code=code)


def _keep_for_good() -> None:
    """Take what is here now out of all later collections: walking it takes longer than a key may."""
    gc.collect()
    gc.freeze()
    gc.enable()


async def _watch_terminal(app: ThemedApp) -> None:
    """Leave when the terminal is gone though no signal said so, as under nohup."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if hung_up(_terminal()):
            _leave(app, HANG_UP_CODE)


def _terminal() -> int:
    """The descriptor that keys come from."""
    return sys.__stdin__.fileno() if sys.__stdin__ else -1
