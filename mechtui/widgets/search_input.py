"""The line one types a filter in."""

from textual.events import Key
from textual.widgets import Input


class SearchInput(Input):
    """An input that Down and Enter leave for the rows found."""

    def on_key(self, event: Key) -> None:
        """Leave for the list."""
        if event.key in {"down", "enter"}:
            event.stop()
            event.prevent_default()
            self.post_message(self.Submitted(self, self.value))
