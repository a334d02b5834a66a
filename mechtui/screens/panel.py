"""What all screens share: actions run by name from keys, clicks and palette, and panels over the lists."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from mechtui.actions import BY_ID, Context
from mechtui.changes import Change
from mechtui.facts import paragraph
from mechtui.formatting import Line
from mechtui.key_names import Named, Scope
from mechtui.keymap import DEFAULT
from mechtui.punctual import Punctual
from mechtui.widgets.bars import KeyBar, KeyHint
from mechtui.widgets.frame import LeanCompositor
from mechtui.widgets.pager import Pager
from mechtui.widgets.painted import Painted

Result = TypeVar("Result")

_INPUT_LINES = 3
_FRAME_LINES = 6
"""What a panel needs besides its text: the frame, the keys with a line above, and a line of the lists at each end."""


def bindings_for(scope: Scope) -> list[BindingType]:
    """The bindings of all actions heard in a scope; the app puts other keys in place of those the table names."""
    return [Binding(",".join(a.keys), f"do('{a.id}')", a.label, show=False, id=a.id) for a in DEFAULT.heard_in(scope)]


def bound(action_id: str, does: str = "") -> Binding:
    """An action of the table in a panel, under the keys it has everywhere; it does itself there, or `does`."""
    return Binding(",".join(BY_ID[action_id].keys), f"do('{does or action_id}')", show=False, id=action_id)


class Acting(Punctual, Screen[Result]):
    """A screen whose keys and clicks run actions: `do_<id>`, else `about_row`, unless the table says why not."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._compositor = LeanCompositor()

    def context(self) -> Context | None:
        """What decides whether an action of the table is possible here; nothing where none of them is bound."""
        return None

    def action_do(self, action_id: str) -> None:
        """Run an action, or say why it is not possible now."""
        context, action = self.context(), BY_ID.get(action_id)
        reason = action.blocked(context) if action and context else None
        if reason:
            self.notify(reason, severity="warning", markup=False)
        elif (own := getattr(self, f"do_{action_id}", None)) is not None:
            own()
        else:
            self.about_row(action_id)

    def about_row(self, action_id: str) -> None:
        """Run an action that is the same wherever its row is shown. For screens that have one."""
        raise NotImplementedError(f"{action_id} is no action of {type(self).__name__}")

    def tick(self) -> None:
        """A second has passed. For screens with clocks."""

    def refresh_from(self, change: Change) -> None:
        """The store has changed. For screens that show it."""

    def on_painted_pressed(self, event: Painted.Pressed) -> None:
        """A click on the words of an action runs it."""
        event.stop()
        self.action_do(event.action)


class Panel(ModalScreen[Result], Acting[Result]):
    """A panel over the lists: a title, a text that scrolls where it must, and a line of keys."""

    TITLE = ""
    KEYS: ClassVar[tuple[KeyHint, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "do('up')", show=False),
        Binding("down,j", "do('down')", show=False),
        Binding("pageup", "do('page_up')", show=False),
        Binding("pagedown,space", "do('page_down')", show=False),
        Binding("home,g", "do('first')", show=False),
        Binding("end,G", "do('last')", show=False),
        Binding("escape,q", "do('close')", show=False),
    ]

    def __init__(self, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.frame = Vertical(classes="panel")
        self.pager = Pager(self.text)
        self.key_bar = KeyBar(self.hints)

    def compose(self) -> ComposeResult:
        """The frame and what is in it."""
        self._head()
        with self.frame:
            yield from self.content()
            yield self.key_bar

    def on_resize(self, event: Resize) -> None:
        """Share out the lines of the screen."""
        self.give_room(event.size.height)

    def give_room(self, height: int) -> None:
        """The text gives way, never the line of keys under it."""
        taken = _FRAME_LINES + _INPUT_LINES * len(self.query("Input"))
        for widget in self.query("Pager, Chooser"):
            widget.styles.max_height = max(2, height - taken)

    def content(self) -> Iterable[Widget]:
        """What stands in the frame, above the keys."""
        yield self.pager

    def heading(self) -> str:
        """What stands in the frame's upper edge."""
        return self.TITLE

    def text(self, width: int) -> list[Line]:
        """The lines of the panel."""
        raise NotImplementedError

    def hints(self) -> list[KeyHint]:
        """The keys named in the last line."""
        return list(self.KEYS)

    def tries_again(self, key: Named, width: int) -> list[Line]:
        """Under a reason why something could not be read: the key that helps."""
        return paragraph(f"{key('retry')} tries again.", width, "dim")

    def refresh_text(self, *, layout: bool = True) -> None:
        """The text is another now; `layout` when its height may be, too."""
        self._head()
        if layout:
            self.pager.refresh(layout=True)
        self.pager.sync()
        self.key_bar.sync()

    def _head(self) -> None:
        """A text alone would be read as markup, and a customer's name is in it."""
        self.frame.border_title = Content(self.heading())

    def do_up(self) -> None:
        """Scroll up a line."""
        self.pager.scroll_by(-1)

    def do_down(self) -> None:
        """Scroll down a line."""
        self.pager.scroll_by(1)

    def do_page_up(self) -> None:
        """Scroll up a page."""
        self.pager.scroll_by(-self.pager.page)

    def do_page_down(self) -> None:
        """Scroll down a page."""
        self.pager.scroll_by(self.pager.page)

    def do_first(self) -> None:
        """Scroll to the first line."""
        self.pager.scroll_first()

    def do_last(self) -> None:
        """Scroll to the last line."""
        self.pager.scroll_last()

    def do_close(self) -> None:
        """Close the panel with no result."""
        self.dismiss(None)
