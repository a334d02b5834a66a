"""A line one types into."""

from textual.events import Paste
from textual.widgets import Input

from mechtui.text import SafeText


class TextLine(Input):
    """A line of text. What is pasted may come from anywhere, so it is made safe first."""

    def on_paste(self, event: Paste) -> None:
        """Runs before the text is put in."""
        event.text = SafeText(event.text)
