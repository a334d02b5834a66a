"""The sentences of the screen: the line's state, the banner, the toasts, the empty lists. Pure."""

from mechtui.changes import Loading, News, Topic
from mechtui.formatting import Piece, Tone, ago, cut, one_line, span, time_of_day, type_name, vehicle_short
from mechtui.key_names import Named
from mechtui.models import Availability, Session
from mechtui.replica import LinkState
from mechtui.rows import Tab
from mechtui.search.syntax import Query
from mechtui.search.trouble import told
from mechtui.store import Store
from mechtui.text import SafeText

TAB_NAMES = {
    Tab.INCOMING: "Incoming Requests",
    Tab.ACTIVE: "Active",
    Tab.COMPLETED: "Completed",
    Tab.HISTORY: "History",
}
SHORT_TAB_NAMES = {Tab.INCOMING: "Incoming", Tab.ACTIVE: "Active", Tab.COMPLETED: "Done", Tab.HISTORY: "History"}

_TONES: dict[LinkState, Tone] = {
    LinkState.LIVE: "good",
    LinkState.CONNECTING: "dim",
    LinkState.CATCHING_UP: "accent",
    LinkState.POLLING: "accent",
    LinkState.READ_ONLY: "warn",
    LinkState.STALE: "warn",
    LinkState.OFFLINE: "urgent",
    LinkState.SIGNED_OUT: "urgent",
    LinkState.TOO_OLD: "urgent",
}

_SAID_OF_A_CONCERN = 90
"""A toast is read in passing: more of a concern is in the list and the intake."""

TRUSTED = frozenset({LinkState.LIVE, LinkState.POLLING, LinkState.READ_ONLY})
"""States in which the rows shown are the server's."""


def link_piece(store: Store) -> Piece:
    """The state of the line in words: `LIVE`, `STALE since 14:03:21 (43 s)`, `OFFLINE, retry in 4 s`."""
    words = store.state.upper()
    match store.state:
        case LinkState.STALE:
            words = f"STALE since {_proved(store)} ({span(store.age)})"
        case LinkState.OFFLINE if store.retry_in is not None:
            words = f"OFFLINE, retry in {max(1, round(store.retry_in))} s"
    return Piece(words, _TONES[store.state])


def audit_piece(store: Store) -> Piece | None:
    """How many sessions are lost, of how many: `0 lost of 1,204`; nothing before the backend has looked."""
    if store.audit is None:
        return None
    lost, of = store.audit.lost, store.audit.of
    return Piece(f"{lost:,} LOST of {of:,}", "urgent") if lost else Piece(f"0 lost of {of:,}", "dim")


def availability_piece(store: Store) -> Piece | None:
    """That this mechanic said he is not there: `ON BREAK`, `OFF`; nothing while he is."""
    if not store.is_quiet:
        return None
    word = one_line(store.availability).upper()
    return Piece("ON BREAK" if store.availability == Availability.BREAK else word, "warn")


def availability_told(availability: Availability, key: Named) -> tuple[str, str]:
    """A toast's title and text for one who has just said how he is; `key` names the key he says it with."""
    match availability:
        case Availability.ON:
            return "You are on", "The bell rings for new requests."
        case Availability.BREAK:
            return "You are on a break", f"No bell for new requests. {key('availability')} says when you are back."
        case Availability.OFF:
            return "You are off", f"No bell for new requests. {key('availability')} says when you are on again."


def banner(store: Store) -> Piece | None:
    """What to know when the rows cannot be trusted, or writes get no answer; nothing when all is well."""
    why = f": {one_line(store.link.why)}" if store.link.why else ""
    match store.state:
        case LinkState.READ_ONLY:
            return Piece(f"Writes get no answer: {one_line(store.read_only)}", "warn")
        case LinkState.POLLING:
            return Piece(f"No websocket gets through; asking every few seconds instead{why}", "accent")
        case LinkState.STALE | LinkState.OFFLINE if store.synced:
            return Piece(f"Data from {_proved(store)}, {span(store.age)} old{why}  ({_again(store)})", "warn")
        case LinkState.OFFLINE | LinkState.STALE:
            return Piece(f"No data yet{why}  ({_again(store)})", "warn")
        case LinkState.SIGNED_OUT | LinkState.TOO_OLD:
            return Piece(one_line(store.link.why) or store.state.capitalize(), "urgent")
        case LinkState.CATCHING_UP if store.synced and store.age >= 1:
            return Piece(f"Data {span(store.age)} old, being brought up to date{why}", "accent")
        case _:
            return _lost(store)


def _lost(store: Store) -> Piece | None:
    if store.audit is None or not store.audit.lost:
        return None
    are = "session is" if store.audit.lost == 1 else "sessions are"
    return Piece(f"{store.audit.lost:,} {are} lost. On the backend: mechtui doctor", "urgent")


QUERY_HINT = 'words "a phrase" make:ford year:2015.. is:urgent rating:>=4 today -not or'


def query_hint(query: Query, *, typing: bool) -> Piece | None:
    """What of a filter was not understood; while one types an empty one, what can be said."""
    if query.problems:
        return Piece(SafeText(told(query.problems)), "warn")
    return Piece(QUERY_HINT, "dim") if typing and not query.text else None


def title_words(store: Store) -> str:
    """What the window is called: `(3!) mechtui`, with the requests that wait; or that the data is old."""
    if store.state not in TRUSTED:
        return f"mechtui: {store.state}"
    return f"({store.count(Tab.INCOMING)}{'!' if store.urgent else ''}) mechtui"


def _again(store: Store) -> str:
    return f"{store.keymap.name('retry')} tries again now"


def _proved(store: Store) -> str:
    return time_of_day(store.proved, store.clock.zone, seconds=True)


def empty_words(store: Store, tab: Tab) -> tuple[str, ...]:
    """What to say instead of rows. Never that there are none when they could not be read."""
    if tab in store.reach:
        return _empty_page(store, tab)
    if not store.synced:
        return _nothing_yet(store)
    if store.rows(tab).query:
        return _nothing_matches(store, tab)
    if tab is Tab.ACTIVE:
        where = f"{store.keymap.name(Tab.INCOMING)} Incoming Requests"
        return ("You have no session in hand.", f"Accept a request under {where} with {store.keymap.name('accept')}.")
    last = f" Last one {ago((store.now - store.last_arrival).total_seconds())}." if store.last_arrival else ""
    if store.state not in TRUSTED:
        return (f"No request was waiting at {_proved(store)}.", "There may be some by now.")
    return ("No request is waiting.", f"New ones appear here by themselves.{last}")


def _nothing_yet(store: Store) -> tuple[str, ...]:
    if store.state in {LinkState.CONNECTING, LinkState.CATCHING_UP}:
        return ("Connecting ...",)
    why = one_line(store.link.why) or store.state.capitalize()
    return (
        "Nothing could be loaded yet.",
        why,
        f"{_again(store)}. A backend of your own is started by: mechtui serve",
    )


def _empty_page(store: Store, tab: Tab) -> tuple[str, ...]:
    reach = store.reach[tab]
    if reach.loading is Loading.FAILED:
        return (f"{TAB_NAMES[tab]} could not be loaded.", one_line(reach.why), f"{_again(store)}.")
    if reach.loading is not Loading.DONE or reach.filter_text != store.rows(tab).filter_text:
        return ("Loading ...",)
    if store.rows(tab).query:
        return _nothing_matches(store, tab)
    if tab is Tab.COMPLETED:
        return ("You have completed no session yet.", "Those you end after they ran appear here.")
    return ("You have had a hand in no request yet.", "All you accept appear here, with how they went.")


def _nothing_matches(store: Store, tab: Tab) -> tuple[str, ...]:
    rows = store.rows(tab)
    return (f"Nothing here matches “{one_line(rows.filter_text)}”.", f"{store.keymap.name('back')} shows all again.")


def called(session: Session) -> str:
    """A session in a few words: its customer and vehicle."""
    return f"{one_line(session.customer_name)}, {vehicle_short(session.vehicle)}"


def news_words(news: News, key: Named) -> tuple[str, str]:
    """A toast's title and text; `key` names the keys for what can be done."""
    row, by = news.session, one_line(news.by)
    match news.topic:
        case Topic.ARRIVED | Topic.AWAKE:
            return _title(news), f"{called(row)}: {cut(one_line(row.concern), _SAID_OF_A_CONCERN)}"
        case Topic.TAKEN:
            return f"Taken by {by}", called(row)
        case Topic.OFFERED:
            return _offered(row, key)
        case Topic.HANDED_OVER:
            return f"{by} has taken it", f"{called(row)} is no longer yours."
        case Topic.OFFER_DECLINED:
            why = f": {cut(one_line(news.words), _SAID_OF_A_CONCERN)}" if news.words else ""
            return f"{by or 'Your colleague'} declined", f"{called(row)} stays yours{why}"
        case Topic.ENDED:
            return f"{row.status.capitalize()} by {by or 'the backend'}", called(row)
        case Topic.CLAIM_LOST:
            return "Not yours", f"{called(row)}: {f'{by} has it' if by else 'it is no longer open'}."
        case _:
            title, more = _said(news.topic, key)
            return title, f"{called(row)}{more}"


def _offered(row: Session, key: Named) -> tuple[str, str]:
    by = one_line(row.offered_by.name) if row.offered_by else "A colleague"
    note = f" “{cut(one_line(row.offer_note), _SAID_OF_A_CONCERN)}”" if row.offer_note else ""
    return f"{by} offers you a session", f"{called(row)}.{note} {key('accept')} takes it, {key('pass')} declines."


def _title(news: News) -> str:
    if news.topic is Topic.AWAKE:
        return "No longer snoozed"
    return "URGENT request" if news.session.urgent else f"New {type_name(news.session.type).lower()} request"


def _said(topic: Topic, key: Named) -> tuple[str, str]:
    """What is said of a topic besides the session it is about."""
    match topic:
        case Topic.RETURNED:
            return "Back in the queue", ""
        case Topic.WATCHED:
            return "The one you watch is back", ""
        case Topic.OFFER_OVER:
            return "No longer offered to you", ""
        case Topic.JOINED:
            return "Your customer has joined", f". Open the page with {key('open')}."
        case Topic.STARTED:
            return "Live", ": both of you are in."
        case Topic.PLAN_ENDS:
            return "The booked time ends soon", f". {key('extend')} adds time the customer agrees to."
        case Topic.OVERTIME:
            return "Over the booked time", f". {key('end')} ends it, {key('extend')} adds time the customer agrees to."
        case Topic.FORGOTTEN:
            return "Not joined yet", f". {key('open')} opens the page, {key('release')} gives it back."
        case _:
            return "Yours after all", ""


def beaten_words(by: str, seconds: float) -> str:
    """How an accept was lost: `Taken by Sam K. 0.8 s before you.`"""
    return f"Taken by {one_line(by) or 'somebody else'} {span(seconds)} before you."


def next_words(row: Session | None) -> str:
    """Where to go on."""
    if row is None:
        return "Nothing else is waiting."
    return f"Next: {vehicle_short(row.vehicle)}, {cut(one_line(row.concern), _SAID_OF_A_CONCERN)}"
