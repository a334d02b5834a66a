"""The one-line widgets around the list: who and how fresh, the tabs, the notice, the keys."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mechtui.actions import Action
from mechtui.changes import Loading
from mechtui.formatting import Line, Piece, Tone, clip, cut, one_line, spread, width_of
from mechtui.key_names import key_name
from mechtui.rows import Tab
from mechtui.store import Store
from mechtui.widgets.painted import Painted
from mechtui.wording import SHORT_TAB_NAMES, TAB_NAMES, audit_piece, availability_piece, banner, link_piece

_FILTER_ROOM = 24
_SEPARATOR = Piece("  ")


class HeaderBar(Painted):
    """Whose terminal this is, and how far it can be trusted."""

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.store = store

    def line(self, y: int) -> Line:
        """`MECHTUI  Dana R.`, that she is not there where she said so; at the end, where there is room for it, how many
        sessions are lost, and the state of the line.
        """
        away, audit = availability_piece(self.store), audit_piece(self.store)
        name: Line = (Piece(" MECHTUI", "strong"), Piece(f"  {one_line(self.store.me.name)}", "dim"))
        left: Line = (*name, _SEPARATOR, away) if away else name
        right: Line = (link_piece(self.store), Piece(" "))
        whole: Line = (audit, _SEPARATOR, _SEPARATOR, *right) if audit else right
        fits = width_of((*left, _SEPARATOR, *whole)) <= self.size.width
        return spread(left, whole if fits else right, self.size.width)


class TabBar(Painted):
    """The four tabs with their counts, and the filter of the one shown."""

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.store = store
        self.tab = Tab.INCOMING

    def line(self, y: int) -> Line:
        """The names in full where they fit, else short, else only numbers and counts."""
        width, right = self.size.width, self._filter()
        for names in (TAB_NAMES, SHORT_TAB_NAMES):
            tabs = self._tabs(names)
            if width_of(tabs) + width_of(right) <= width:
                return spread(tabs, right, width) if right else tabs
        return spread(self._tabs(dict.fromkeys(Tab, "")), right, width)

    def _tabs(self, names: dict[Tab, str]) -> Line:
        return tuple(piece for tab in Tab for piece in self._label(tab, names[tab]))

    def _label(self, tab: Tab, name: str) -> Line:
        key = self.store.keymap.name(tab)
        here = tab is self.tab
        urgent = " !" if tab is Tab.INCOMING and self.store.urgent else ""
        mark = "/" if self.store.rows(tab).filter_text and not here else ""
        count = str(self.store.count(tab)) if self.store.synced else "-"
        words = " ".join(part for part in (key, name, f"{count}{urgent}{mark}") if part)
        tone: Tone = "here" if here else "urgent" if urgent else "text"
        return (Piece(f" {words} ", tone, tab), Piece(" "))

    def _filter(self) -> Line:
        rows = self.store.rows(self.tab)
        if not rows.filter_text:
            return ()
        found = f"{self._found()} of {max(self.store.count(self.tab), len(rows.shown)):,} "
        return (Piece(f"/ {cut(one_line(rows.filter_text), _FILTER_ROOM)}  ", "accent", "search"), Piece(found, "dim"))

    def _found(self) -> str:
        """How many rows the filter finds; of a list that is read by pages, by the backend's word once it has spoken."""
        rows, reach = self.store.rows(self.tab), self.store.reach.get(self.tab)
        if reach is None:
            return f"{len(rows.shown):,}"
        if reach.loading is Loading.DONE and reach.filter_text == rows.filter_text:
            return f"{max(reach.total, len(rows.shown)):,}"
        return f"{len(rows.shown):,}+"


class NoticeBar(Painted):
    """A rule, or in its place what one should know about the data, or else about the filter, as `hint` says it.

    At its end stands what `beyond` says is out of sight.
    """

    def __init__(self, store: Store, beyond: Callable[[], Line], hint: Callable[[], Piece | None]) -> None:
        super().__init__()
        self.store = store
        self._beyond = beyond
        self._hint = hint

    def line(self, y: int) -> Line:
        """The banner where there is one, else the hint, else a rule."""
        notice, beyond, width = banner(self.store) or self._hint(), self._beyond(), self.size.width
        if notice is not None:
            return spread((Piece(" ! " if notice.tone != "dim" else "   ", notice.tone), notice), beyond, width)
        end: Line = (*beyond, Piece("──", "rule")) if beyond else ()
        return (Piece("─" * (width - width_of(end)), "rule"), *end)


class KeyHint(NamedTuple):
    """A key, what it does in a word or two, and the action behind it. A `fixed` one is named whatever the room."""

    key: str
    label: str
    action: str
    fixed: bool = False


def hints_of(actions: Iterable[Action]) -> list[KeyHint]:
    """The hints of actions of the table; help and the way out are always named."""
    return [
        KeyHint(key_name(action.keys[0]), action.label, action.id, action.id in {"help", "quit", "close"})
        for action in actions
    ]


class KeyBar(Painted):
    """The keys that do something here and now; a click on one does it, too."""

    def __init__(self, hints: Callable[[], list[KeyHint]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._hints = hints

    def line(self, y: int) -> Line:
        """As many keys as fit, most important first, the fixed ones always."""
        hints = self._hints()
        while width_of(_keys(hints)) > self.size.width and any(not hint.fixed for hint in hints):
            hints.remove([hint for hint in hints if not hint.fixed][-1])
        return clip(_keys(hints), self.size.width)


def _keys(hints: Iterable[KeyHint]) -> Line:
    pieces: list[Piece] = [Piece(" ")]
    for hint in hints:
        pieces += [Piece(hint.key, "key", hint.action), Piece(f" {hint.label}", "dim", hint.action), _SEPARATOR]
    return tuple(pieces[:-1])
