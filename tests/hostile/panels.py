"""A second tour: every panel the first one does not open, every toast that quotes, and pastes into every line."""

from datetime import timedelta

from tests.hostile.shop import HostileShop
from tests.hostile.terminal import Terminal
from tests.hostile.tour import Visit

NOTE, REASON = "\x1b]0;zq204x\x07\u202e\x9b2J", "\x1b[8mzq205x\u202e\x9b2J"
PASTED = "\x1b[200~\x1b]0;zq203x\x07\u202e\x9b2Jzq203x\x1b[201~"
"""What a mechanic copied from somewhere, as his terminal hands it over."""


async def panels(hostile: HostileShop, screen: Terminal) -> None:
    """From panel to panel, as the keys come in the help."""
    screen.at("list")
    await screen.sees("LIVE")
    await screen.press("G", "g")
    await watched(hostile, screen)
    held = await hostile.taken_by_rival()
    await by_name(screen)
    await filters(screen)
    await files(screen)
    await before(screen)
    await aside(screen)
    await offered(hostile, screen, held)
    async with hostile.rival_there():
        await handed_over(hostile, screen)
    await live(hostile, screen)
    await written_up(screen)
    await looked_up(screen)
    screen.at("end")
    await screen.press("q")


async def by_name(screen: Terminal) -> None:
    screen.at("help")
    await screen.press("?", until="Esc close")
    await screen.leave("Esc close")
    screen.at("palette")
    await screen.press("ctrl+p", until="What to do?")
    await screen.press(PASTED, until="zq203x")
    await screen.leave("What to do?")
    screen.at("availability")
    await screen.press("S", until="Are you there?")
    await screen.leave("Are you there?")


async def filters(screen: Terminal) -> None:
    screen.at("saved filters")
    await screen.press("f", until="zq207x")
    screen.at("by a saved filter")
    await screen.press("9", until="colour")
    await screen.press("/", until="zq208x")
    await screen.press("enter")
    screen.at("exporting by it")
    await screen.press("E", until="Export this list")
    screen.at("exported")
    await screen.press("1", until="Exported")
    await screen.leave("zq208x")
    screen.at("saving a filter")
    await screen.press("/", PASTED, "enter", until="zq203x")
    await screen.press("F", until="Save this filter")
    await screen.press(PASTED, until="kept in config.toml")
    screen.at("toast of a filter saved")
    await screen.press("enter", until="Filter saved")
    await screen.leave("zq203xzq203x")
    screen.at("forgetting a filter")
    await screen.press("f", until="zq207x")
    await screen.press(*["down"] * 8, "\x1b[3~", until="Forget this filter?")
    await screen.leave("Forget this filter?")
    await screen.leave("Saved filters")


async def files(screen: Terminal) -> None:
    await screen.press("G", "g")
    screen.at("files")
    await screen.press("t", until=" files  ")
    screen.at("photo")
    await screen.press(" ", until="1 of 1")
    await screen.leave("1 of 1")
    screen.at("file saved")
    await screen.press("down", "enter", until="Saved")
    await screen.leave(" files  ")


async def before(screen: Terminal) -> None:
    screen.at("what was before")
    await screen.press("v", until="its intake")
    screen.at("the intake of what was before")
    await screen.press("enter", until="d report")
    await screen.page_to("SERVICE HISTORY")
    await screen.leave("SERVICE HISTORY")
    await screen.leave("its intake")


async def aside(screen: Terminal) -> None:
    screen.at("passing")
    await screen.press("down", "x", until="Leave it to the others?")
    await screen.press("4", PASTED, until="zq203x")
    screen.at("toast of passing")
    await screen.press("enter", until="Left to the others")
    screen.at("toast of what is passed no longer")
    await screen.press("u", until="In your queue again")
    screen.at("toast of snoozing")
    await screen.press("g", "z", until="Snoozed")
    screen.at("toast of what is back")
    await screen.press("u", until="Back in its place")


async def watched(hostile: HostileShop, screen: Terminal) -> None:
    screen.at("toast of watching")
    taken = await hostile.submit(1, urgent=True)
    await screen.sees("URGENT request")
    await hostile.shop.accept(taken, hostile.rival.token)
    await screen.sees("Taken by")
    await screen.press("w", until="Watched")
    screen.at("toast of what is watched")
    await hostile.does(hostile.rival, taken, "release", reason=REASON)
    await screen.sees("The one you watch is back")
    await hostile.shop.act(taken, "cancel", reason=REASON)


async def offered(hostile: HostileShop, screen: Terminal, held: str) -> None:
    """What the rival holds is offered, and declined."""
    screen.at("toast of an offer")
    await hostile.does(hostile.rival, held, "offer", to=hostile.me.id, note=NOTE)
    await screen.sees("zq204x")
    screen.at("an offer's intake")
    await screen.press("1", "g", "enter", until="Esc close")
    await screen.leave("Esc close")
    screen.at("declining")
    await screen.press("x", until="Decline it?")
    await screen.press("4", PASTED, until="zq203x")
    screen.at("toast of declining")
    await screen.press("enter", until="Declined")
    await hostile.does(hostile.rival, held, "release", reason=REASON)


async def handed_over(hostile: HostileShop, screen: Terminal) -> None:
    screen.at("accepted")
    await screen.press("g", "a", until="Accepted: it is yours")
    await screen.leave("Accepted: it is yours")
    screen.at("giving back in own words")
    await screen.press("2", "R", until="Give it back")
    await screen.press("4", PASTED, until="zq203x")
    await screen.leave("Give it back")
    screen.at("handing over")
    await screen.press("H", until="is there")
    await screen.press("enter", PASTED, until="zq203x")
    screen.at("toast of handing over")
    await screen.press("enter", until="Offered to")
    screen.at("taking an offer back")
    await screen.press("H", until="Take the offer back?")
    screen.at("toast of an offer taken back")
    await screen.press("enter", until="No longer offered")
    screen.at("toast of an offer declined")
    await hostile.does(hostile.me, hostile.worst, "offer", to=hostile.rival.id, note=NOTE)
    await hostile.does(hostile.rival, hostile.worst, "decline", reason=REASON)
    await screen.sees("zq205x")


async def live(hostile: HostileShop, screen: Terminal) -> None:
    screen.at("live")
    await hostile.shop.act(hostile.worst, "join")
    await screen.press("o", until="Open this page")
    await screen.leave("Open this page")
    screen.at("adding time")
    await screen.press("T", until="Add time")
    screen.at("toast of time added")
    await screen.press("enter", until="Time added")
    screen.at("leaving while live")
    await screen.press("q", until="Leave now?")
    await screen.leave("Leave now?")
    screen.at("reminder")
    hostile.clock.ahead = timedelta(minutes=32)
    await screen.writes("The booked time ends soon")


async def written_up(screen: Terminal) -> None:
    screen.at("asked before the end")
    await screen.press("e", until="End the session?")
    screen.at("summary")
    await screen.press("enter", until="Summary:")
    await screen.press(PASTED, "\t", PASTED, "\t", "\t", PASTED, until="zq203x")
    screen.at("toast of the summary")
    await screen.press("\x13", until="Summary sent")
    screen.at("report")
    await screen.press("3", "g", "d", until="Save the report")
    screen.at("report saved")
    await screen.press("2", until="Report saved")


async def looked_up(screen: Terminal) -> None:
    screen.at("a day")
    await screen.press("D", until="Go to a day")
    await screen.press(PASTED, until="is no day")
    await screen.leave("Go to a day")
    screen.at("figures")
    await screen.press("5", until="Stats")
    await screen.press("/", PASTED, until="zq203x")
    await screen.leave("Stats")


PANELS = Visit(panels, frozenset({
    "AvailabilityPanel", "Chooser", "DashboardScreen", "DayPanel", "DeclinePanel", "EarlierPanel", "EndPanel",
    "ExportPanel", "ExtendPanel", "FilesPanel", "FiltersPanel", "ForgetFilterPanel", "HandoffPanel", "HandoverPanel",
    "HeaderBar", "HelpPanel", "IntakePanel", "KeyBar", "NoteArea", "NoticeBar", "Pager", "PalettePanel", "PassPanel",
    "PhotoPanel", "Preview", "QuitPanel", "ReleasePanel", "ReportPanel", "SaveFilterPanel", "SearchInput",
    "SessionList", "StatsPanel", "SummaryPanel", "TabBar", "WithdrawPanel",
}))  # fmt: skip
