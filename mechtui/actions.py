"""Everything a mechanic can do, in one table: its keys, its words, and why it may not be possible now.

Key bindings, footer, help, palette and the page on keys are all made from it. An action that is not possible stays
bound and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mechtui.changes import Claim, Departure, Leaving
from mechtui.key_names import Named, Scope, key_name
from mechtui.models import ACTIVE, ENDED, HistoryRow, Session, Status
from mechtui.offers import waits
from mechtui.replica import LinkState
from mechtui.rows import Tab


def own_key(action_id: str) -> str:
    """The key an action has by itself."""
    return key_name(BY_ID[action_id].keys[0])


@dataclass(frozen=True)
class Context:
    """What decides whether an action is possible: where one stands, on which row, with what line to the backend.

    `key` names the keys there are here, for the reasons.
    """

    tab: Tab = Tab.INCOMING
    row: Session | None = None
    mine: bool = False
    leaving: Leaving | None = None
    claim: Claim | None = None
    link: LinkState = LinkState.LIVE
    filtered: bool = False
    can_undo: bool = False
    can_watch: bool = False
    in_intake: bool = False
    vin: str = ""
    key: Named = own_key

    def within_intake(self, vin: str) -> "Context":
        """The same row seen from inside its intake, which may know a VIN."""
        return replace(self, in_intake=True, vin=vin)


Blocked = Callable[[Context], str | None]


@dataclass(frozen=True)
class Action:
    """One thing to do. `blocked` says why not now, or nothing; `footer` is its rank there, 0 for none.

    `help` has at most 42 cells: help and palette have no more room for it at 80 columns.
    """

    id: str
    keys: tuple[str, ...]
    scope: Scope
    label: str
    help: str
    blocked: Blocked
    footer: int = 0

    @property
    def shown_keys(self) -> str:
        """The keys as people call them: `a +`."""
        return " ".join(key_name(key) for key in self.keys)


def _free(_: Context) -> str | None:
    return None


def _needs_row(context: Context) -> str | None:
    return None if context.row else "There is no row to do this with."


def _needs_line(context: Context) -> str | None:
    match context.link:
        case LinkState.OFFLINE:
            again = f"{context.key('retry')} tries again at once."
            return f"Offline: nothing can be sent now, and nothing is kept for later. {again}"
        case LinkState.CONNECTING:
            return "Not connected yet: nothing can be sent."
        case LinkState.SIGNED_OUT:
            return "Signed out: the backend does not take this token any more."
        case LinkState.TOO_OLD:
            return "Terminal and backend do not understand each other: one of them must be updated."
        case LinkState.READ_ONLY:
            return f"The last write got no answer and is being checked. {context.key('retry')} asks again at once."
        case _:
            return None


def _left(leaving: Leaving, key: Named) -> str:
    match leaving.why:
        case Departure.TAKEN:
            return f"{leaving.by or 'Somebody else'} has taken this request."
        case Departure.PASSED:
            return f"You passed on this request. {key('undo')} takes that back."
        case Departure.DECLINED:
            return "You declined it: it stays your colleague's."
        case Departure.NO_OFFER:
            return "It is no longer offered to you."
        case Departure.EXPIRED:
            return "This request has expired: nobody took it in time."
        case _:
            return "The customer has cancelled this request."


def _accept(context: Context) -> str | None:
    row = context.row
    if row is None:
        elsewhere = f"Requests wait under {context.key('incoming')} Incoming."
        return "There is no request to accept." if context.tab is Tab.INCOMING else elsewhere
    if context.leaving:
        return _left(context.leaving, context.key)
    if context.claim:
        return "This request is being claimed already." if context.claim is Claim.CLAIMING else "Being checked already."
    if not waits(row) or context.tab is not Tab.INCOMING:
        return "This one is yours already." if _held(context) else "This request is no longer waiting."
    return _needs_line(context)


def _waiting(context: Context) -> str | None:
    row = context.row
    if row is None:
        return "There is no request here."
    if context.leaving:
        return _left(context.leaving, context.key)
    return None if waits(row) and context.tab is Tab.INCOMING else "This one is no longer waiting."


def _snooze(context: Context) -> str | None:
    if context.row is not None and context.row.is_offer and context.leaving is None:
        take, decline = context.key("accept"), context.key("pass")
        return f"A colleague waits for your word: {take} takes it, {decline} declines it."
    return _waiting(context)


def _pass(context: Context) -> str | None:
    if isinstance(context.row, HistoryRow) and context.row.outcome == "passed":
        return _needs_line(context)
    if _held(context):
        return f"Give it back with {context.key('release')} instead."
    return _waiting(context) or _needs_line(context)


def _watch(context: Context) -> str | None:
    taken = context.leaving is not None and context.leaving.why is Departure.TAKEN
    return None if taken or context.can_watch else "Nobody has taken a request that could be watched."


def _undo(context: Context) -> str | None:
    return None if context.can_undo else "There is nothing to undo: passing, snoozing and watching can be."


def _extend(context: Context) -> str | None:
    reason = _needs_held(context)
    if reason or context.row is None:
        return reason
    return None if context.row.status == Status.LIVE else "It is not live yet: its time has not begun."


def _held(context: Context) -> bool:
    return context.mine and context.row is not None and context.row.status in ACTIVE


def _needs_held(context: Context) -> str | None:
    row = context.row
    if row is None:
        return f"You have no session in hand here. Accepted ones are under {context.key('active')} Active."
    if _held(context):
        return _needs_line(context)
    if waits(row) and context.tab is Tab.INCOMING:
        return f"Accept it first, with {context.key('accept')}."
    return "This session is over." if row.status in ENDED else "This is not your session now."


def _release(context: Context) -> str | None:
    if _held(context) and context.row is not None and context.row.status == Status.LIVE:
        return f"It is live: the customer is there. End it with {context.key('end')}."
    return _needs_held(context)


def _save_filter(context: Context) -> str | None:
    return None if context.filtered else f"There is no filter to save: type one first, with {context.key('search')}."


def _day(context: Context) -> str | None:
    if context.tab in {Tab.COMPLETED, Tab.HISTORY}:
        return None
    return f"Days are for {context.key('completed')} Completed and {context.key('history')} History."


def _copy(context: Context) -> str | None:
    if context.row is None:
        return "There is nothing to copy."
    if context.row.url or context.vin:
        return None
    if context.in_intake:
        return "No VIN was given."
    if context.row.status in ENDED:
        return "This session is over: its page is closed."
    return f"It has no page yet: accept it first, with {context.key('accept')}."


def why_not_sent(link: LinkState, key: Named) -> str | None:
    """Why nothing can be sent over this line now, or nothing."""
    return _needs_line(Context(link=link, key=key))


def _summary(context: Context) -> str | None:
    row, reason = context.row, _needs_completed(context)
    if row is not None and row.forgotten_at and not reason:
        return "The customer's data was removed: it takes no summary."
    if row is None or reason or not row.has_summary:
        return reason
    where = "It is further down." if context.in_intake else f"{context.key('intake')} shows it."
    return f"Its summary was sent already. {where}"


def _report(context: Context) -> str | None:
    return _needs_completed(context) or _needs_line(context)


def _needs_completed(context: Context) -> str | None:
    if context.row is None:
        return "There is no session to do this with."
    own = context.mine and context.row.status == Status.COMPLETED
    return None if own else f"Only for sessions that you completed: they are under {context.key('completed')}."


def _files(context: Context) -> str | None:
    return None if context.row and context.row.files_count else "No files came with this request."


ACTIONS: tuple[Action, ...] = (
    Action("accept", ("a", "plus"), Scope.BOTH, "accept", "Take it. The backend says who is first.",
           _accept, footer=1),
    Action("open", ("o", "asterisk"), Scope.BOTH, "open page", "Join: open its page, or show the address.",
           _needs_held, footer=2),
    Action("intake", ("enter", "i"), Scope.LIST, "intake", "All that was filled in, and what followed.",
           _needs_row, footer=3),
    Action("release", ("R",), Scope.BOTH, "give back", "Back to the queue with it, for a reason.",
           _release, footer=4),
    Action("end", ("e",), Scope.BOTH, "end", "End it. Says first what it will count as.",
           _needs_held, footer=5),
    Action("summary", ("s",), Scope.BOTH, "summary", "What was found and done. Kept as you type.",
           _summary, footer=2),
    Action("pass", ("x", "minus"), Scope.BOTH, "pass", "Leave it to the others, for a reason.",
           _pass, footer=6),
    Action("snooze", ("z",), Scope.BOTH, "snooze", "Put it aside for 5 minutes; again: back.",
           _snooze, footer=7),
    Action("undo", ("u",), Scope.BOTH, "undo", "Undo the last pass, snooze or watch.", _undo),
    Action("watch", ("w",), Scope.LIST, "watch", "Be told if what another took comes back.", _watch),
    Action("extend", ("T",), Scope.BOTH, "add time", "More minutes that the customer agreed to.", _extend),
    Action("availability", ("S",), Scope.LIST, "availability", "On, on a break or off: on all terminals.",
           _needs_line),
    Action("handover", ("H",), Scope.BOTH, "hand over", "Offer it to a colleague, or take it back.",
           _needs_held, footer=6),
    Action("report", ("d",), Scope.BOTH, "report", "Save it for the customer: PDF, text, JSON.",
           _report, footer=2),
    Action("copy", ("y",), Scope.BOTH, "copy", "Copy the page's address, or else the VIN.",
           _copy, footer=8),
    Action("search", ("slash",), Scope.LIST, "search", "Filter: words, make:ford, today, -not, or.",
           _free, footer=9),
    Action("filters", ("f",), Scope.LIST, "filters", "Saved filters, with how much each finds.", _free),
    Action("save_filter", ("F",), Scope.LIST, "save filter", "Keep this filter under a name.", _save_filter),
    Action("day", ("D",), Scope.LIST, "go to day", "Go to a day in Completed or History.", _day),
    Action("earlier", ("v",), Scope.BOTH, "before", "Earlier visits of vehicle and customer.",
           _needs_row),
    Action("files", ("t",), Scope.BOTH, "photos", "Photos and files: look at them, save them.",
           _files),
    Action("help", ("question_mark",), Scope.BOTH, "help", "These keys, and why one is not possible.",
           _free, footer=10),
    Action("quit", ("q",), Scope.LIST, "quit", "Leave. A session in hand stays yours.", _free, footer=11),
    Action("back", ("escape",), Scope.LIST, "back", "Clear the filter, else to the first row.", _free),
    Action("close", ("escape", "q", "enter"), Scope.INTAKE, "close", "Back to the list, to the same row.",
           _free, footer=11),
    Action("incoming", ("1",), Scope.LIST, "Incoming Requests", "Requests that wait for a mechanic.", _free),
    Action("active", ("2",), Scope.LIST, "Active", "The session you have in hand.", _free),
    Action("completed", ("3",), Scope.LIST, "Completed", "Sessions you completed.", _free),
    Action("history", ("4",), Scope.LIST, "History", "All you had a hand in, and how it went.", _free),
    Action("export", ("E",), Scope.LIST, "export", "This list as a file, all of it: CSV, JSON.", _free),
    Action("stats", ("5",), Scope.LIST, "Stats", "Your own figures, and what is behind each.", _free),
    Action("up", ("up", "k"), Scope.BOTH, "up", "One row up.", _free),
    Action("down", ("down", "j"), Scope.BOTH, "down", "One row down.", _free),
    Action("page_up", ("pageup",), Scope.BOTH, "page up", "One page up.", _free),
    Action("page_down", ("pagedown", "space"), Scope.BOTH, "page down", "One page down.", _free),
    Action("first", ("home", "g"), Scope.BOTH, "first", "To the first row.", _free),
    Action("last", ("end", "G"), Scope.BOTH, "last", "To the last row.", _free),
    Action("preview", ("p",), Scope.LIST, "preview", "Show or hide the preview.", _free),
    Action("retry", ("r",), Scope.BOTH, "retry", "Ask the backend again at once.", _free),
    Action("palette", ("ctrl+p",), Scope.BOTH, "palette", "Find an action by name.", _free),
)  # fmt: skip
"""The table. Within a scope no key stands twice; a test holds it to that."""

BY_ID = {action.id: action for action in ACTIONS}
