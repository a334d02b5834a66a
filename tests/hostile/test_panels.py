"""What panels and lines for text do with what they are given: markup is text, pastes are made safe."""

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste

from mechtui.text import SafeText
from mechtui.widgets.note_area import NoteArea
from mechtui.widgets.text_line import TextLine
from tests.dashboard.support import Shop, request

PASTED = "a\x1b]0;b\x07\u202e\x9bc"


class Lines(App[None]):
    """A line and an area to type into."""

    def compose(self) -> ComposeResult:
        yield TextLine()
        yield NoteArea("", id="notes")


async def test_what_is_pasted_is_safe() -> None:
    app = Lines()
    async with app.run_test() as pilot:
        for widget in (app.query_one(TextLine), app.query_one(NoteArea)):
            widget.focus()
            await pilot.pause()
            app.post_message(Paste(PASTED))
            await pilot.pause()
        assert app.query_one(TextLine).value == app.query_one(NoteArea).text == SafeText(PASTED)


@pytest.mark.parametrize("key", ["t", "v"])
@pytest.mark.parametrize("name", ["[/]Jo", "[IMPORTANT]", "[@click=app.quit]Jo[/]"])
async def test_markup_in_a_heading_is_text(name: str, key: str) -> None:
    shop = Shop(request("r-1", name, name, "It stalls.", files_count=1))
    async with shop.app.run_test(size=(120, 36)) as pilot:
        await shop.ready(pilot)
        await pilot.press(key)
        await shop.ready(pilot)
        (heading,) = (line for line in shop.screen_text.splitlines() if line.lstrip().startswith("╭"))
        assert name in heading
