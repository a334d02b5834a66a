"""How things look as text: times, money, vehicles, columns, sentences. No screen needed."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mechtui import wording
from mechtui.actions import ACTIONS, Context, own_key
from mechtui.cells import Look, cells, clock_piece, status_piece
from mechtui.changes import Claim, Departure, Leaving, News, Topic
from mechtui.columns import COLUMNS, layout, titles
from mechtui.facts import intake_lines, preview_lines, size_words
from mechtui.formatting import (
    Piece,
    ago,
    clip,
    compact,
    cut,
    fit,
    is_wider,
    money,
    running,
    span,
    spread,
    type_words,
    vehicle_short,
    width_of,
    wrap,
)
from mechtui.key_names import Scope
from mechtui.keymap import DEFAULT
from mechtui.models import Audit, Person, Vehicle
from mechtui.replica import AuditTold, Fresh, LinkChanged, LinkState
from mechtui.rows import Tab
from mechtui.store import Store

from .support import (
    CAMRY,
    COMPLETED,
    HISTORY,
    JETTA,
    KIA,
    MINE,
    NOW,
    Time,
    detail_of,
    intake_of,
    live,
    request,
    snapshot,
    taken,
)
from .support import ago as before

LOOK = Look(now=NOW, zone=UTC, me="m-1")
WORDS = st.text(alphabet=st.sampled_from("ab 陳é\u0301-\n🔧x"), max_size=60)


@pytest.mark.parametrize(
    ("seconds", "clock", "short", "words"),
    [
        (0, "0:00", "0:00", "0.1 s"),
        (0.84, "0:00", "0:00", "0.8 s"),
        (31, "0:31", "0:31", "31 s"),
        (581, "9:41", "9:41", "9 min"),
        (3599, "59:59", "59:59", "59 min"),
        (3849, "1:04:09", "1h04", "1 h"),
        (93_000, "25:50:00", "25h", "1 day"),
        (400_000, "111:06:40", "4d", "4 days"),
        (-5, "0:00", "0:00", "0.1 s"),
    ],
)
def test_times(seconds: float, clock: str, short: str, words: str) -> None:
    assert (running(seconds), compact(seconds), span(seconds)) == (clock, short, words)


def test_ago() -> None:
    assert (ago(0.3), ago(41), ago(7200)) == ("just now", "41 s ago", "2 h ago")


def test_money_and_sizes() -> None:
    assert (money(2999), money(5), money(0)) == ("$29.99", "$0.05", "$0.00")
    assert (size_words(812), size_words(38_912), size_words(1_468_006)) == ("812 B", "38 KiB", "1.4 MiB")


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("2018 Toyota Camry", "18 Toyota Camry"),
        ("Toyota Camry", "Toyota Camry"),
        ("2018", "2018"),
        ("", "no vehicle given"),
        ("20x8 Kia", "20x8 Kia"),
    ],
)
def test_vehicles(label: str, short: str) -> None:
    assert vehicle_short(Vehicle(label=label)) == short


def test_a_type_this_version_does_not_know_is_said_as_it_is() -> None:
    assert type_words("hologram") == "?hologram"


@given(WORDS, st.integers(0, 40))
def test_fit_takes_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text.replace("\n", " "), width)) == width


@given(st.text("a\u6f22\u0301\u0336 \n"), st.integers(0, 12), st.integers(0, 40))
def test_how_wide_a_long_text_is_needs_no_more_than_its_beginning(text: str, width: int, more: int) -> None:
    longer = text + "\u0301a" * more
    assert is_wider(longer, width) == (cell_len(longer) > width)


@given(WORDS, st.integers(1, 40))
def test_cut_never_takes_more(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) <= width


@given(WORDS, st.integers(2, 40))
def test_wrap_loses_no_letter_and_keeps_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(WORDS, WORDS, st.integers(0, 40))
def test_spread_and_clip_keep_the_width(left: str, right: str, width: int) -> None:
    assert width_of(spread((Piece(left),), (Piece(right),), width)) <= width
    assert width_of(clip((Piece(left), Piece(right)), width)) <= width


# --- columns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize("width", [60, 72, 80, 120, 152, 200])
def test_columns_fit_the_width(tab: Tab, width: int) -> None:
    columns = layout(tab, width)
    assert width_of(titles(columns)) <= width + 1
    row = {Tab.INCOMING: CAMRY, Tab.ACTIVE: MINE, Tab.COMPLETED: JETTA, Tab.HISTORY: HISTORY[0]}[tab]
    assert width_of(cells(tab, row, columns, LOOK)) == width_of(titles(columns))


def test_at_eighty_columns_incoming_shows_all_that_matters() -> None:
    keys = {column.key for column in layout(Tab.INCOMING, 80)}
    assert keys == {column.key for column in COLUMNS[Tab.INCOMING]} - {"vin"}


def test_the_verdict_on_the_vin_has_a_column_where_there_is_room() -> None:
    row = request("r-1", "J. Doe", "2019 Honda", "noise", vehicle=Vehicle(
        label="2019 Honda", make="Honda", year="2019", vin="1HGCM82633A004352"))  # fmt: skip
    wide = layout(Tab.INCOMING, 109)
    assert "vin" in {column.key for column in wide}
    assert "≠ car" in "".join(piece.text for piece in cells(Tab.INCOMING, row, wide, Look(NOW, UTC)))


def line(tab: Tab, row: object, look: Look = LOOK) -> str:
    return "".join(piece.text for piece in cells(tab, row, layout(tab, 100), look))  # type: ignore[arg-type]


def test_a_leaving_row_says_why_and_is_dimmed() -> None:
    leaving = Leaving(Departure.TAKEN, "Sam K.", before(2), until=9)
    pieces = cells(Tab.INCOMING, KIA, layout(Tab.INCOMING, 100), Look(now=NOW, zone=UTC, leaving=leaving))
    assert "TAKEN by Sam K. 2 s ago" in "".join(piece.text for piece in pieces)
    assert {piece.tone for piece in pieces[1:]} == {"dim"}


def test_a_claimed_row_says_so() -> None:
    assert "CLAIMING" in line(Tab.INCOMING, KIA, Look(now=NOW, zone=UTC, claim=Claim.CLAIMING))
    assert "CHECKING" in line(Tab.INCOMING, KIA, Look(now=NOW, zone=UTC, claim=Claim.CHECKING))


def test_urgency_is_a_mark_not_only_a_colour() -> None:
    assert "!!!" in line(Tab.INCOMING, CAMRY)
    assert "!!!" not in line(Tab.INCOMING, KIA)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "WAITING, join now"),
        ({"mechanic_joined_at": NOW}, "WAITING for customer"),
        ({"customer_joined_at": NOW}, "CUSTOMER WAITS, join"),
        ({"accepted_at": before(720), "join_by": before(120)}, "NOT JOINED 12 min"),
        ({"accepted_at": before(720), "join_by": NOW + timedelta(minutes=3)}, "WAITING, join now"),
        ({"status": "live"}, "LIVE"),
        ({"status": "paused"}, "? paused"),
    ],
)
def test_status_in_words(changes: dict[str, object], words: str) -> None:
    assert status_piece(taken(KIA).model_copy(update=changes), NOW).text == words


def test_the_clock_runs_against_the_plan_and_then_over_it() -> None:
    assert clock_piece(MINE, NOW).text == "12:31 of 45m"
    assert clock_piece(live(MINE, since=2830), NOW).text == "47:10 of 45m OVER"
    assert clock_piece(taken(KIA), NOW).text == "not started"


def test_every_clock_fits_its_column() -> None:
    column = COLUMNS[Tab.ACTIVE][0]
    over = live(taken(request("s-over", "T. Novak", "2008 Audi A4", "rattle", type="diagnostic")), since=9 * 3600)
    assert "LIVE 9:00:00 of 60m OVER" in line(Tab.ACTIVE, over)
    assert column.width == cell_len("LIVE 9:00:00 of 60m OVER")


def test_a_released_request_has_no_waiting_time_of_its_own() -> None:
    keys = [column.key for column in layout(Tab.HISTORY, 100)]
    waited = cells(Tab.HISTORY, HISTORY[-1], layout(Tab.HISTORY, 100), LOOK)[1 + keys.index("waited")]
    assert waited.text.strip() == "-"


def test_history_says_who_had_it() -> None:
    assert "you" in line(Tab.HISTORY, HISTORY[0])
    other = HISTORY[-1].model_copy(update={"mechanic": Person(id="m-9", name="Sam Anders Kowalczyk")})
    assert "Sam K." in line(Tab.HISTORY, other)
    assert "released" in line(Tab.HISTORY, HISTORY[-1])


# --- sentences -------------------------------------------------------------------------------------------------


def connected(state: LinkState = LinkState.LIVE, why: str = "", retry_in: float | None = None) -> tuple[Store, Time]:
    time = Time()
    store = Store(time.clock)
    store.apply(snapshot())
    store.apply(Fresh(NOW, 100))
    store.apply(LinkChanged(state, why, retry_in))
    return store, time


def test_the_state_of_the_line_is_always_in_words() -> None:
    store, time = connected(LinkState.STALE)
    time.forward(43)
    assert wording.link_piece(store).text == "STALE since 18:42:07 (43 s)"
    store, _ = connected(LinkState.OFFLINE, "connection refused", 4.0)
    assert wording.link_piece(store).text == "OFFLINE, retry in 4 s"
    for state in LinkState:
        assert wording.link_piece(connected(state)[0]).text


def test_the_banner_gives_the_age_of_old_data() -> None:
    store, time = connected(LinkState.OFFLINE, "connection refused")
    time.forward(72)
    banner = wording.banner(store)
    assert banner is not None
    assert banner.text == "Data from 18:42:07, 1 min old: connection refused  (r tries again now)"
    assert wording.banner(connected()[0]) is None


def test_an_empty_list_says_something_useful() -> None:
    store, time = connected()
    assert wording.empty_words(store, Tab.INCOMING)[0] == "No request is waiting."
    store.last_arrival = NOW
    time.forward(41)
    assert wording.empty_words(store, Tab.INCOMING)[1].endswith("Last one 41 s ago.")


def test_what_could_not_be_loaded_is_no_empty_list() -> None:
    unconnected = Store(Time().clock)
    assert wording.empty_words(unconnected, Tab.INCOMING) == ("Connecting ...",)
    unconnected.apply(LinkChanged(LinkState.OFFLINE, "connection refused"))
    assert wording.empty_words(unconnected, Tab.INCOMING)[:2] == ("Nothing could be loaded yet.", "connection refused")
    store, _ = connected()
    store.page_asked(Tab.HISTORY)
    store.page_failed(Tab.HISTORY, "", "No backend reached")
    assert wording.empty_words(store, Tab.HISTORY)[:2] == ("History could not be loaded.", "No backend reached")
    store, _ = connected(LinkState.OFFLINE)
    assert wording.empty_words(store, Tab.INCOMING)[0].startswith("No request was waiting at")


@pytest.mark.parametrize("topic", Topic)
def test_every_news_has_words(topic: Topic) -> None:
    title, words = wording.news_words(News(topic, taken(KIA), "Sam K."), own_key)
    assert title
    assert "Kia" in words


def test_an_urgent_arrival_says_so() -> None:
    assert wording.news_words(News(Topic.ARRIVED, CAMRY), own_key)[0] == "URGENT request"


def test_how_an_accept_was_lost() -> None:
    assert wording.beaten_words("Sam K.", 0.84) == "Taken by Sam K. 0.8 s before you."
    assert wording.next_words(KIA).startswith("Next: 15 Kia Optima EX, P1326")


def text_of(lines: list[tuple[Piece, ...]]) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in lines)


def test_contact_details_are_said_to_be_hidden_until_accept() -> None:
    assert "hidden until you accept" in text_of(intake_lines(CAMRY, intake_of(CAMRY), None, LOOK, 76))
    shown = text_of(intake_lines(CAMRY, intake_of(CAMRY, hidden=False), None, LOOK, 76))
    assert "555-0142" in shown


def test_an_ended_session_has_its_timeline() -> None:
    shown = text_of(intake_lines(HISTORY[1], intake_of(HISTORY[1]), detail_of(HISTORY[1]), LOOK, 76))
    for words in ("SUMMARY", "RATING", "5/5", "TIMELINE", "requested", "accepted", "+0:40", "completed"):
        assert words in shown


def test_a_preview_says_what_the_customer_thought_of_it() -> None:
    said = HISTORY[1].model_copy(update={"rating_comment": "Friendly,\nand " + "quick " * 60})
    shown = text_of(preview_lines(said, LOOK, 60))
    assert "rated 5/5" in shown
    assert "“Friendly, and quick" in shown
    assert "…”" in shown
    assert "“" not in text_of(preview_lines(COMPLETED[2], LOOK, 60))


@pytest.mark.parametrize("width", [30, 47, 60, 80])
@pytest.mark.parametrize("row", [CAMRY, MINE, *HISTORY], ids=lambda row: row.id)
def test_a_preview_keeps_its_width(width: int, row: object) -> None:
    assert all(width_of(line) <= width for line in preview_lines(row, LOOK, width))  # type: ignore[arg-type]


# --- the table of actions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [Scope.LIST, Scope.INTAKE])
def test_no_key_means_two_things(scope: Scope) -> None:
    keys = [key for action in DEFAULT.heard_in(scope) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_actions_have_words() -> None:
    assert all(action.label and action.help.endswith(".") and action.keys for action in ACTIONS)


def test_the_help_of_an_action_is_read_whole_at_eighty_columns() -> None:
    assert [action.id for action in ACTIONS if cell_len(action.help) > 42] == []


def blocked(action_id: str, context: Context) -> str | None:
    return next(action for action in ACTIONS if action.id == action_id).blocked(context)


@pytest.mark.parametrize(
    ("action", "context", "words"),
    [
        ("accept", Context(), "no request"),
        ("accept", Context(tab=Tab.HISTORY), "under 1 Incoming"),
        ("accept", Context(row=KIA, link=LinkState.OFFLINE), "Offline"),
        ("accept", Context(row=KIA, link=LinkState.READ_ONLY), "being checked"),
        ("accept", Context(row=KIA, link=LinkState.SIGNED_OUT), "Signed out"),
        ("accept", Context(row=KIA, leaving=Leaving(Departure.TAKEN, "Sam K.", NOW, 0)), "Sam K. has taken"),
        ("accept", Context(row=KIA, leaving=Leaving(Departure.EXPIRED, "", NOW, 0)), "expired"),
        ("accept", Context(row=KIA, leaving=Leaving(Departure.CANCELLED, "", NOW, 0)), "cancelled"),
        ("accept", Context(row=KIA, claim=Claim.CLAIMING), "already"),
        ("accept", Context(tab=Tab.ACTIVE, row=taken(KIA), mine=True), "yours already"),
        ("open", Context(row=KIA), "Accept it first"),
        ("open", Context(tab=Tab.ACTIVE), "no session in hand"),
        ("release", Context(tab=Tab.ACTIVE, row=MINE, mine=True), "It is live"),
        ("copy", Context(row=KIA), "accept it first"),
        ("copy", Context(row=KIA, in_intake=True), "No VIN"),
        ("intake", Context(), "no row"),
    ],
)
def test_what_is_not_possible_says_why(action: str, context: Context, words: str) -> None:
    reason = blocked(action, context)
    assert reason is not None
    assert words in reason


@pytest.mark.parametrize("state", [LinkState.LIVE, LinkState.POLLING, LinkState.STALE, LinkState.CATCHING_UP])
def test_an_accept_is_sent_whenever_it_may_arrive(state: LinkState) -> None:
    assert blocked("accept", Context(row=KIA, link=state)) is None


def test_the_footer_names_what_is_possible() -> None:
    assert [action.id for action in DEFAULT.footer(Context(row=KIA))] == [
        *("accept", "intake", "pass", "snooze", "search", "help", "quit")
    ]


@pytest.mark.parametrize(
    ("lost", "piece", "notice"),
    [
        (0, "0 lost of 1,204", None),
        (1, "1 LOST of 1,204", "1 session is lost. On the backend: mechtui doctor"),
        (3, "3 LOST of 1,204", "3 sessions are lost. On the backend: mechtui doctor"),
    ],
)
def test_how_many_are_lost_is_always_said(lost: int, piece: str, notice: str | None) -> None:
    store = connected(LinkState.LIVE)[0]
    assert wording.audit_piece(store) is None
    store.apply(AuditTold(Audit(lost=lost, of=1204)))
    shown = wording.audit_piece(store)
    assert shown is not None
    assert shown.text == piece
    said = wording.banner(store)
    assert (said.text if said else None) == notice
