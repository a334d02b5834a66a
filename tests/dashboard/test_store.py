"""The state behind the screen: whatever comes in whichever order, the rows are the same, and counts equal rows."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.changes import Claim, Departure, Loading, Step, Topic
from mechtui.models import ACTIVE, Page, Session, Status
from mechtui.replica import CountsChanged, Fresh, LinkChanged, LinkState, ReadersChanged, is_held
from mechtui.rows import Tab
from mechtui.store import LEAVING_SECONDS, Store

from .support import (
    BMW,
    CAMRY,
    COMPLETED,
    FORD,
    KIA,
    ME,
    MINE,
    NOW,
    OPEN,
    SAM,
    Time,
    counts,
    ended,
    event,
    history,
    live,
    request,
    snapshot,
    taken,
    taken_by_sam,
)


def store_with(*rows: Session) -> tuple[Store, Time]:
    time = Time()
    store = Store(time.clock)
    store.apply(snapshot(*rows))
    store.apply(Fresh(NOW, 100))
    return store, time


def page(*rows: Session, cursor: str | None = None, total: int = 41) -> Page[Session]:
    return Page(items=rows, next_cursor=cursor, total=total, seq=100, server_now=NOW)


def shown(store: Store, tab: Tab) -> list[str]:
    return list(store.rows(tab).shown)


def test_incoming_is_urgent_first_then_oldest_first() -> None:
    store, _ = store_with(FORD, BMW, CAMRY, KIA)
    assert shown(store, Tab.INCOMING) == [CAMRY.id, KIA.id, BMW.id, FORD.id]


def test_an_accept_moves_the_row_and_both_counts() -> None:
    store, _ = store_with(*OPEN)
    store.apply_answer(taken(KIA))
    assert KIA.id not in store.rows(Tab.INCOMING).rows
    assert shown(store, Tab.ACTIVE) == [KIA.id]
    assert (store.count(Tab.INCOMING), store.count(Tab.ACTIVE)) == (3, 1)


def test_an_answer_after_its_event_changes_nothing() -> None:
    store, _ = store_with(*OPEN)
    assert store.apply(event("accepted", taken(KIA)))
    assert not store.apply_answer(taken(KIA))


def test_a_late_answer_does_not_bring_back_what_has_ended() -> None:
    store, _ = store_with(*OPEN)
    store.wish_begins(KIA.id)
    store.apply(event("accepted", taken(KIA)))
    store.apply(event("cancelled", ended(taken(KIA), ago_seconds=0, length=0, status="cancelled")))
    store.apply(snapshot(CAMRY))
    store.apply_answer(taken(KIA))
    assert store.count(Tab.ACTIVE) == 0


def test_a_snapshot_older_than_an_answer_does_not_undo_it() -> None:
    store, _ = store_with(*OPEN)
    store.wish_begins(KIA.id)
    store.apply_answer(taken(KIA))
    store.apply(snapshot(*OPEN))
    assert shown(store, Tab.ACTIVE) == [KIA.id]


def test_the_stored_answer_to_an_earlier_try_does_not_bring_back_what_a_snapshot_no_longer_has() -> None:
    store, _ = store_with(FORD)
    store.wish_begins(FORD.id)
    store.apply(event("accepted", taken(FORD)))
    store.apply(snapshot())
    store.apply_answer(taken(FORD).model_copy(update={"version": FORD.version + 7}))
    assert shown(store, Tab.ACTIVE) == []


def test_a_request_taken_by_another_stays_dimmed_for_a_while_and_is_not_counted() -> None:
    store, time = store_with(*OPEN)
    change = store.apply(taken_by_sam(KIA))
    assert [(news.topic, news.by) for news in change.news] == [(Topic.TAKEN, SAM.name)]
    assert KIA.id in shown(store, Tab.INCOMING)
    assert store.leaving[KIA.id].why is Departure.TAKEN
    assert store.count(Tab.INCOMING) == 3
    time.forward(LEAVING_SECONDS)
    store.tick()
    assert KIA.id not in shown(store, Tab.INCOMING)


def test_what_comes_back_or_is_offered_while_it_is_still_dimmed_is_news() -> None:
    store, _ = store_with(*OPEN)
    held = taken(KIA, by=SAM)
    store.apply(event("accepted", held, gone=True))
    back = KIA.model_copy(update={"version": held.version + 1})
    assert [news.topic for news in store.apply(event("released", back)).news] == [Topic.RETURNED]
    again = taken(back, by=SAM)
    store.apply(event("accepted", again, gone=True))
    offered = again.model_copy(update={"offered_by": SAM, "version": again.version + 1})
    assert [news.topic for news in store.apply(event("offered", offered)).news] == [Topic.OFFERED]
    assert KIA.id not in store.leaving


def test_a_request_past_its_time_leaves_by_the_servers_clock() -> None:
    store, time = store_with(*OPEN)
    time.forward(18)
    assert not store.tick()
    time.forward(1)
    assert store.tick().ids == {CAMRY.id}
    assert store.leaving[CAMRY.id].why is Departure.EXPIRED


def test_a_request_past_its_time_comes_back_when_the_server_sets_its_clock_back() -> None:
    store, time = store_with(*OPEN)
    time.forward(19)
    store.tick()
    time.forward(LEAVING_SECONDS)
    store.tick()
    assert CAMRY.id not in shown(store, Tab.INCOMING)
    store.apply(Fresh(NOW, 100))
    assert store.tick().ids == {CAMRY.id}
    assert shown(store, Tab.INCOMING)[0] == CAMRY.id
    assert CAMRY.id not in store.leaving


def test_a_request_that_ended_past_its_time_does_not_come_back() -> None:
    store, time = store_with(*OPEN)
    time.forward(19)
    store.tick()
    expired = CAMRY.model_copy(update={"status": "expired", "version": CAMRY.version + 1})
    store.apply(event("expired", expired, gone=True))
    time.forward(LEAVING_SECONDS)
    store.apply(Fresh(NOW, 100))
    store.tick()
    assert CAMRY.id not in shown(store, Tab.INCOMING)


def test_without_the_servers_time_nothing_expires() -> None:
    time = Time()
    store = Store(time.clock)
    store.apply(snapshot(CAMRY))
    time.forward(5000)
    assert not store.tick()


def test_a_status_this_version_does_not_know_stays_under_active() -> None:
    store, _ = store_with(taken(KIA).model_copy(update={"status": "paused"}))
    assert shown(store, Tab.ACTIVE) == [KIA.id]


def test_releasing_puts_it_back_and_notes_it_in_history() -> None:
    store, _ = store_with(taken(KIA))
    store.apply_page(Tab.HISTORY, "", page(history(taken(KIA), "active")), Step.FIRST)
    back = KIA.model_copy(update={"version": 3})
    store.apply_answer(back)
    assert shown(store, Tab.INCOMING) == [KIA.id]
    row = store.row(Tab.HISTORY, KIA.id)
    assert row is not None
    assert getattr(row, "outcome", None) == "released"


def test_what_i_completed_appears_in_both_lists_that_were_read() -> None:
    store, _ = store_with(MINE)
    for tab in (Tab.COMPLETED, Tab.HISTORY):
        store.apply_page(tab, "", page(*COMPLETED), Step.FIRST)
    store.apply(event("completed", ended(MINE, ago_seconds=0, length=751)))
    assert shown(store, Tab.COMPLETED)[0] == MINE.id
    assert MINE.id in shown(store, Tab.HISTORY)
    assert store.count(Tab.ACTIVE) == 0


def test_a_row_beyond_what_was_read_waits_for_its_page() -> None:
    store, _ = store_with(MINE)
    store.apply_page(Tab.COMPLETED, "", page(COMPLETED[0], cursor="more"), Step.FIRST)
    store.apply(event("rated", ended(request("old", "A", "B", "C"), ago_seconds=90_000, length=60, rating=3)))
    assert shown(store, Tab.COMPLETED) == [COMPLETED[0].id]


def test_an_answer_to_an_old_filter_is_dropped() -> None:
    store, _ = store_with()
    store.filter(Tab.COMPLETED, "honda")
    assert not store.apply_page(Tab.COMPLETED, "hon", page(*COMPLETED), Step.FIRST)
    assert not store.page_failed(Tab.COMPLETED, "hon", "late")


def test_each_tab_keeps_its_own_filter() -> None:
    store, _ = store_with(*OPEN, MINE)
    store.filter(Tab.INCOMING, "bmw")
    assert shown(store, Tab.INCOMING) == [BMW.id]
    assert shown(store, Tab.ACTIVE) == [MINE.id]
    assert store.count(Tab.INCOMING) == 4
    store.apply(event("created", request("r-new", "N", "2012 BMW X1", "hum")))
    assert shown(store, Tab.INCOMING) == [BMW.id, "r-new"]
    store.filter(Tab.INCOMING, "")
    assert len(shown(store, Tab.INCOMING)) == 5


def test_a_page_that_failed_is_no_empty_list() -> None:
    store, _ = store_with()
    store.page_asked(Tab.COMPLETED)
    store.page_failed(Tab.COMPLETED, "", "connection refused")
    assert store.reach[Tab.COMPLETED].loading is Loading.FAILED
    assert store.reach[Tab.COMPLETED].why == "connection refused"


def test_a_checked_claim_is_settled_by_the_feed() -> None:
    store, _ = store_with(*OPEN)
    store.claim(KIA.id, Claim.CHECKING)
    store.claim(BMW.id, Claim.CHECKING)
    won = store.apply(event("accepted", taken(KIA)))
    lost = store.apply(taken_by_sam(BMW))
    assert [news.topic for news in won.news] == [Topic.CLAIM_WON]
    assert [(news.topic, news.by) for news in lost.news] == [(Topic.CLAIM_LOST, SAM.name)]
    assert store.claims == {}


def test_a_checked_claim_is_settled_by_a_snapshot_without_its_row() -> None:
    store, _ = store_with(*OPEN)
    store.claim(KIA.id, Claim.CHECKING)
    assert [news.topic for news in store.apply(snapshot(CAMRY)).news] == [Topic.CLAIM_LOST]


def test_the_first_snapshot_is_quiet_and_a_later_one_tells_what_came_meanwhile() -> None:
    time = Time()
    store = Store(time.clock)
    assert store.apply(snapshot(CAMRY)).news == ()
    assert [news.session.id for news in store.apply(snapshot(CAMRY, FORD)).news] == [FORD.id]


def test_age_counts_from_the_last_proof() -> None:
    store, time = store_with()
    store.apply(LinkChanged(LinkState.STALE))
    time.forward(43)
    assert store.age == pytest.approx(43)
    store.apply(Fresh(NOW, 101))
    assert store.age == 0


def test_read_only_shows_while_live_and_goes_with_the_next_answer() -> None:
    store, _ = store_with()
    store.apply(LinkChanged(LinkState.LIVE))
    states = []
    for why in ("timed out", ""):
        store.set_read_only(why)
        states.append(store.state)
    assert states == [LinkState.READ_ONLY, LinkState.LIVE]


def test_older_counts_do_not_replace_newer_ones() -> None:
    store, _ = store_with()
    store.apply(CountsChanged(counts(completed=50), 120))
    store.apply(CountsChanged(counts(completed=41), 110))
    assert store.count(Tab.COMPLETED) == 50


def test_after_a_restored_backup_versions_and_counts_of_the_history_that_is_gone_prove_nothing() -> None:
    store, _ = store_with(FORD)
    store.wish_begins(FORD.id)
    store.apply_answer(taken(FORD).model_copy(update={"version": FORD.version + 7}))
    store.apply(replace(snapshot(FORD, history=3), epoch="another", seq=40))
    assert store.find(FORD.id) == FORD
    assert store.count(Tab.HISTORY) == 3
    store.apply_answer(taken(FORD).model_copy(update={"version": FORD.version + 1}))
    assert shown(store, Tab.ACTIVE) == [FORD.id]


def test_text_from_outside_is_made_safe_at_the_border() -> None:
    store, _ = store_with(FORD.model_copy(update={"concern": "hi\x1b]52;c;x\x07", "customer_name": "a\u202eb"}))
    row = store.row(Tab.INCOMING, FORD.id)
    assert row is not None
    assert "\x1b" not in row.concern
    assert "\u202e" not in row.customer_name


# --- any order gives the same rows -----------------------------------------------------------------------------

LIFE = (
    KIA,
    taken(KIA),
    KIA.model_copy(update={"version": 3}),
    taken(KIA.model_copy(update={"version": 3})),
    live(taken(KIA.model_copy(update={"version": 3})), since=10),
    ended(KIA, ago_seconds=0, length=100).model_copy(update={"version": 6}),
)
KINDS = ("created", "accepted", "released", "accepted", "started", "completed")


def held(store: Store) -> dict[str, int]:
    tabs = (Tab.INCOMING, Tab.ACTIVE)
    return {f"{tab}/{row.id}": row.version for tab in tabs for row in store.rows(tab).rows.values()}


def step(store: Store, number: int, *, answer: bool) -> None:
    row = LIFE[number]
    if answer:
        store.apply_answer(row)
    else:
        store.apply(event(KINDS[number], row, gone=not is_held(row, ME.id)))


@given(st.lists(st.tuples(st.integers(0, len(LIFE) - 1), st.booleans()), max_size=12), st.integers(1, len(LIFE) - 1))
def test_any_mix_of_answers_and_events_ends_where_the_newest_says(mix: list[tuple[int, bool]], last: int) -> None:
    mixed, _ = store_with(CAMRY)
    for number, answer in [*mix, (last, False)]:
        if number <= last:
            step(mixed, number, answer=answer)
    straight, _ = store_with(CAMRY)
    step(straight, last, answer=False)
    assert held(mixed) == held(straight)


def test_every_order_of_one_life_gives_the_same_rows() -> None:
    ends = []
    for order in permutations(range(4)):
        store, _ = store_with(CAMRY, KIA)
        for number in order:
            step(store, number, answer=number % 2 == 1)
        ends.append(held(store))
    assert all(end == ends[0] for end in ends)


@given(st.lists(st.sampled_from(["new", "mine", "sam", "cancel", "expire", "tick", "snapshot"]), max_size=30))
def test_counts_always_equal_rows(happenings: list[str]) -> None:
    store, time = store_with()
    for number, what in enumerate(happenings):
        open_rows = [row for row in store.rows(Tab.INCOMING).rows.values() if row.id not in store.leaving]
        match what:
            case "new":
                store.apply(event("created", request(f"r-{number}", "N", "2001 Car", "x", urgent=number % 3 == 0)))
            case "mine" if open_rows:
                store.apply_answer(taken(open_rows[0]))
            case "sam" if open_rows:
                store.apply(taken_by_sam(open_rows[-1]))
            case "cancel" if open_rows:
                over = open_rows[0].model_copy(update={"status": "cancelled", "version": 9})
                store.apply(event("cancelled", over, gone=True))
            case "expire":
                time.forward(950)
            case "tick":
                time.forward(2)
                store.tick()
            case "snapshot":
                store.apply(snapshot(*open_rows))
        incoming, active = store.rows(Tab.INCOMING), store.rows(Tab.ACTIVE)
        painted = [row_id for row_id in incoming.shown if row_id not in store.leaving]
        assert store.count(Tab.INCOMING) == len(painted)
        assert store.count(Tab.ACTIVE) == len(active.shown)
        assert all(row.status == Status.PENDING for i, row in incoming.rows.items() if i not in store.leaving)
        assert all(row.status in ACTIVE for row in active.rows.values())


def test_who_reads_a_request_is_known_while_the_line_is_good() -> None:
    store = Store(Time().clock)
    store.apply(snapshot(*OPEN))
    change = store.apply(ReadersChanged(CAMRY.id, ("Sam\x1b[2J K.",)))
    assert change.ids == {CAMRY.id}
    assert "\x1b" not in store.readers[CAMRY.id][0]
    store.apply(LinkChanged(LinkState.STALE))
    assert store.readers == {}
