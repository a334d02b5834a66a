"""Room for notes of several lines."""

from textual.widgets import TextArea

from mechtui.text import SafeText


class NoteArea(TextArea):
    """A text one writes. Tab goes on."""

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(SafeText.block(text), id=id, compact=True, theme="css", highlight_cursor_line=False)
        self.cursor_blink = False
