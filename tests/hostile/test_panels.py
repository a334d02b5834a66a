"""What stands in the frame of a panel is a text, whatever the customer's name looks like."""

import pytest

from tests.dashboard.support import Shop, request


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
