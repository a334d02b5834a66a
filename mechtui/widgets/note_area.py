"""Room for notes of several lines."""

from textual.events import Paste
from textual.widgets import TextArea

from mechtui.text import SafeText


class NoteArea(TextArea):
    """A text one writes. What is pasted may come from anywhere, so it is made safe first; Tab goes on."""

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(SafeText.block(text), id=id, compact=True, theme="css", highlight_cursor_line=False)
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        """Runs before the text is put in."""
        event.text = SafeText.block(event.text)
