"""Who else reads a request, as one sees it; and that the others are told what one reads."""

from mechtui.replica import ReadersChanged

from .support import CAMRY, OPEN, Shop


async def test_a_reader_is_named_in_row_and_preview() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        shop.feed.say(ReadersChanged(CAMRY.id, ("Sam K.",)))
        await shop.until(pilot, lambda: "Sam reads" in shop.screen_text)
        await shop.until(pilot, lambda: "Sam K. is reading this" in shop.screen_text)
        shop.feed.say(ReadersChanged(CAMRY.id, ()))
        await shop.until(pilot, lambda: "reads" not in shop.screen_text and "reading" not in shop.screen_text)


async def test_the_others_are_told_what_is_open_here() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("enter", "escape")
        await shop.until(pilot, lambda: shop.feed.read == [CAMRY.id, None])
