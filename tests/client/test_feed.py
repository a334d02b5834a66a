"""The feed client against lines the test holds the other end of, in virtual time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise

import pytest
from pydantic import BaseModel

import mechtui.feed
from mechtui.api_errors import SignedOut, TooOld, Unreachable
from mechtui.feed import Feed
from mechtui.feed_line import OPEN_SECONDS, LineClosed
from mechtui.frames import (
    DEAD_SECONDS,
    Bye,
    Delta,
    FeedEvent,
    Heartbeat,
    Lag,
    Snapshot,
    SnapshotEnd,
    SnapshotPart,
    Welcome,
)
from mechtui.models import Counts, Person, Problem, Session
from mechtui.replica import (
    AuditTold,
    AvailabilityTold,
    CountsChanged,
    EventApplied,
    Fresh,
    LinkChanged,
    LinkState,
    Replica,
    SnapshotApplied,
    Update,
    digest_of,
)
from tests.client.support import NOW, SERVER, session
from tests.client.virtual import FakeLine, Lines, now, run

ME = Person(id="m1", name="Dana")
Until = Callable[[Update], bool]


def welcome(seq: int, mode: str = "snapshot") -> Welcome:
    return Welcome(epoch="e1", seq=seq, now=NOW, heartbeat=5.0, mode=mode, me=ME, counts=Counts())  # type: ignore[arg-type]


def end(rows: Iterable[Session], seq: int) -> SnapshotEnd:
    rows = list(rows)
    digest = digest_of((row.id, row.version) for row in rows)
    return SnapshotEnd(seq=seq, rows=len(rows), digest=digest, counts=Counts(incoming=len(rows)))


def whole(*rows: Session, seq: int = 5) -> list[BaseModel | str]:
    """A welcome and a snapshot in two parts."""
    parts = [SnapshotPart(seq=seq, sessions=rows[:1]), SnapshotPart(seq=seq, sessions=rows[1:])]
    return [welcome(seq), *parts, end(rows, seq)]


def delta(after: int, *rows: Session) -> Delta:
    events = tuple(FeedEvent(seq=after + n, kind="created", at=NOW, session=row) for n, row in enumerate(rows, 1))
    return Delta.model_validate({"from": after, "to": after + len(rows), "events": events, "counts": None})


def beat(seq: int, *rows: Session, seconds: float = 5) -> Heartbeat:
    digest = digest_of((row.id, row.version) for row in rows)
    return Heartbeat(seq=seq, now=NOW + timedelta(seconds=seconds), digest=digest, counts=Counts())


async def unreachable() -> Snapshot:
    raise Unreachable(SERVER, "no connection")


def feed(
    lines: Lines,
    replica: Replica | None = None,
    poll: Callable[[], Awaitable[Snapshot]] = unreachable,
    jitter: Callable[[float, float], float] = lambda low, high: high,
    clock: Callable[[], float] = now,
) -> Feed:
    return Feed(SERVER, "t", replica or Replica(), poll, open_line=lines, jitter=jitter, clock=clock)


def link(state: LinkState) -> Until:
    return lambda update: isinstance(update, LinkChanged) and update.state is state


def live_on_line(number: int, lines: Lines) -> Until:
    return lambda update: len(lines.opened) == number and link(LinkState.LIVE)(update)


def states(updates: Iterable[Update]) -> list[LinkState]:
    return [update.state for update in updates if isinstance(update, LinkChanged)]


async def collect(feed: Feed, until: Until = lambda update: False) -> list[Update]:
    """What the feed says, up to and with the first that `until` wants."""
    seen: list[Update] = []
    async with aclosing(feed.updates()) as updates:
        async for update in updates:
            seen.append(update)
            if until(update):
                break
    return seen


def test_a_snapshot_makes_it_live() -> None:
    line = FakeLine(whole(session(1), session(2)))
    replica = Replica()
    seen = run(lambda: collect(feed(Lines([line]), replica), lambda update: isinstance(update, Fresh)))
    assert states(seen) == [LinkState.CONNECTING, LinkState.CATCHING_UP, LinkState.LIVE]
    assert isinstance(seen[4], SnapshotApplied)
    assert seen[-1] == Fresh(NOW, 5)
    assert set(replica.rows) == {"session-1", "session-2"}
    assert json.loads(line.sent[0]) == {"t": "hello", "api": 1, "resume": None}
    assert line.dropped


def test_deltas_and_heartbeats_are_passed_on_and_acknowledged() -> None:
    row = session(2)
    line = FakeLine([*whole(session(1)), delta(5, row), beat(6, session(1), row)])
    seen = run(lambda: collect(feed(Lines([line])), lambda update: update == Fresh(NOW + timedelta(seconds=5), 6)))
    assert [update.event.session.id for update in seen if isinstance(update, EventApplied)] == ["session-2"]
    assert isinstance(seen[-2], CountsChanged)
    assert json.loads(line.sent[1]) == {"t": "ack", "seq": 6}


def test_a_duplicate_is_dropped() -> None:
    row = session(2)
    line = FakeLine([*whole(session(1)), delta(5, row), delta(5, row), delta(4, session(3)), delta(6, session(4))])

    def last(update: Update) -> bool:
        return isinstance(update, EventApplied) and update.event.session.id == "session-4"

    seen = run(lambda: collect(feed(Lines([line])), last))
    assert [update.event.seq for update in seen if isinstance(update, EventApplied)] == [6, 7]


def test_a_gap_brings_a_snapshot_at_once() -> None:
    first = FakeLine([*whole(session(1)), delta(9, session(2))])
    second = FakeLine(whole(session(1), session(2), seq=10))
    lines, replica = Lines([first, second]), Replica()
    fresh: list[Update] = []

    def twice(update: Update) -> bool:
        fresh.extend([update] if isinstance(update, SnapshotApplied) else [])
        return len(fresh) == 2

    seen = run(lambda: collect(feed(lines, replica), twice))
    assert LinkChanged(LinkState.CATCHING_UP, "events 6 to 9 are missing") in seen
    assert lines.opened == [0.0, 0.0]
    assert json.loads(second.sent[0])["resume"] is None
    assert replica.seq == 10
    assert first.dropped


def test_another_digest_brings_a_snapshot() -> None:
    first = FakeLine([*whole(session(1)), beat(5, session(1, version=2))])
    lines = Lines([first, FakeLine(whole(session(1, version=2)))])
    replica = Replica()
    seen = run(lambda: collect(feed(lines, replica), live_on_line(2, lines)))
    assert any(isinstance(update, LinkChanged) and "differ" in update.why for update in seen)
    assert replica.rows["session-1"].version == 2
    assert first.sent[1:] == []  # what was not agreed with is not acknowledged


def test_a_backend_that_never_agrees_is_not_hammered() -> None:
    wrong = [FakeLine([*whole(session(1)), beat(5)]) for _ in range(8)]
    lines = Lines([*wrong, FakeLine(then=LineClosed("", 4401))])
    run(lambda: collect(feed(lines)))
    pauses = [later - earlier for earlier, later in zip(lines.opened, lines.opened[1:], strict=False)]
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


def test_twelve_seconds_of_silence_are_told_and_the_line_is_dropped() -> None:
    silent = FakeLine(whole(session(1)))
    told_at: list[float] = []

    def stale(update: Update) -> bool:
        told_at.append(now())
        return link(LinkState.STALE)(update)

    seen = run(lambda: collect(feed(Lines([silent])), stale))
    assert told_at[-1] == pytest.approx(12.0)
    assert seen[-1] == LinkChanged(LinkState.STALE, "nothing heard for 12 s", 0.25)
    assert silent.dropped


def test_any_frame_keeps_the_line_alive() -> None:
    async def main() -> float:
        line = FakeLine(whole(session(1)))

        async def beats() -> None:
            for n in range(6):
                await asyncio.sleep(10)
                line.push('{"t":"of the future","n":1}' if n % 2 else beat(5, session(1)))

        task = asyncio.create_task(beats())
        await collect(feed(Lines([line])), link(LinkState.STALE))
        await task
        return now()

    assert run(main) == pytest.approx(72.0)


@pytest.mark.parametrize(
    ("slept_seconds", "why"),
    [
        (mechtui.feed.SLEPT_SECONDS, "this machine was asleep"),
        pytest.param(1e9, "nothing heard for 12 s", marks=pytest.mark.planted),
    ],
)
def test_a_machine_that_slept_reconnects_when_it_wakes(
    monkeypatch: pytest.MonkeyPatch, slept_seconds: float, why: str
) -> None:
    """A terminal that does not know of sleep goes on believing its old rows."""
    monkeypatch.setattr(mechtui.feed, "SLEPT_SECONDS", slept_seconds)
    asleep = 0.0
    line = FakeLine(whole(session(1)))

    async def main() -> list[Update]:
        nonlocal asleep
        loop = asyncio.get_running_loop()

        def sleep() -> None:
            nonlocal asleep
            asleep += 3600
            line.push(beat(5, session(1)))  # what was under way is delivered first, and proves nothing

        loop.call_later(4.5, sleep)
        return await collect(feed(Lines([line]), clock=lambda: now() + asleep), link(LinkState.STALE))

    seen = run(main)
    assert seen[-1] == LinkChanged(LinkState.STALE, why, 0.25)
    assert sum(isinstance(update, Fresh) for update in seen) == (1 if "asleep" in why else 2)


def test_a_cut_line_resumes_where_it_was() -> None:
    first = FakeLine(whole(session(1)), then=LineClosed("the line was cut"))
    second = FakeLine([welcome(5, "resume"), delta(5, session(2))])
    lines, replica = Lines([first, second]), Replica()
    seen = run(lambda: collect(feed(lines, replica), lambda update: isinstance(update, EventApplied)))
    assert states(seen)[2:] == [LinkState.LIVE, LinkState.STALE, LinkState.LIVE]
    assert json.loads(second.sent[0])["resume"] == {"epoch": "e1", "seq": 5}
    assert set(replica.rows) == {"session-1", "session-2"}


def test_a_resume_is_live_only_when_it_has_caught_up() -> None:
    replica = Replica(epoch="e1", seq=5)
    line = FakeLine([welcome(7, "resume"), delta(5, session(1), session(2))])
    seen = run(lambda: collect(feed(Lines([line]), replica), link(LinkState.LIVE)))
    kinds = [LinkChanged, AvailabilityTold, AuditTold, EventApplied, EventApplied, LinkChanged]
    assert [type(update) for update in seen] == kinds


def test_a_cut_in_the_middle_of_a_snapshot_asks_for_another() -> None:
    first = FakeLine(whole(session(1), session(2))[:2], then=LineClosed("cut"))
    second = FakeLine(whole(session(3)))
    replica = Replica()
    run(lambda: collect(feed(Lines([first, second]), replica), link(LinkState.LIVE)))
    assert json.loads(second.sent[0])["resume"] is None
    assert set(replica.rows) == {"session-3"}


def test_a_reader_too_slow_is_told_and_live_again_after_the_snapshot() -> None:
    line = FakeLine([*whole(session(1)), Lag(), *whole(session(2), seq=9)[1:]])
    replica = Replica()
    count = 0

    def live_again(update: Update) -> bool:
        nonlocal count
        count += link(LinkState.LIVE)(update)
        return count == 2

    seen = run(lambda: collect(feed(Lines([line]), replica), live_again))
    assert states(seen)[2:] == [LinkState.LIVE, LinkState.CATCHING_UP, LinkState.LIVE]
    assert sum(isinstance(update, Fresh) for update in seen) == 1  # an old time proves nothing about the new rows
    assert replica.seq == 9


@pytest.mark.parametrize(
    ("code", "state"), [(4401, LinkState.SIGNED_OUT), (4403, LinkState.SIGNED_OUT), (4406, LinkState.TOO_OLD)]
)
def test_these_close_codes_end_it(code: int, state: LinkState) -> None:
    lines = Lines([FakeLine(whole(session(1)), then=LineClosed("told \x1b[1mwhy", code)), FakeLine(whole())])
    seen = run(lambda: collect(feed(lines)))
    assert seen[-1] == LinkChanged(state, "told ␛[1mwhy")
    assert len(lines.opened) == 1


@pytest.mark.parametrize("code", [1012, 4408, 1006, None])
def test_after_any_other_code_it_tries_again(code: int | None) -> None:
    lines = Lines([FakeLine(whole(), then=LineClosed("why", code)), FakeLine([welcome(5, "resume")])])
    seen = run(lambda: collect(feed(lines), live_on_line(2, lines)))
    assert states(seen)[-2:] == [LinkState.STALE, LinkState.LIVE]


def test_a_goodbye_says_why_and_how_long_to_stay_away() -> None:
    bye = Bye(code="RESTART", why="the backend is being restarted", retry_in=3.0)
    lines = Lines([FakeLine([*whole(session(1)), bye], then=LineClosed("", 1012)), FakeLine(whole())])
    seen = run(lambda: collect(feed(lines), lambda update: len(lines.opened) == 2))
    assert LinkChanged(LinkState.STALE, "the backend is being restarted", 3.25) in seen
    assert lines.opened[1] == pytest.approx(3.25)


def test_offline_backs_off_with_full_jitter() -> None:
    asked: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 2

    lines = Lines([LineClosed("refused")] * 9 + [FakeLine(then=LineClosed("", 4401))])
    seen = run(lambda: collect(feed(lines, jitter=jitter)))
    assert asked == [(0.0, high) for high in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)]
    offline = [update for update in seen if isinstance(update, LinkChanged) and update.state is LinkState.OFFLINE]
    assert [update.retry_in for update in offline] == [high / 2 for _, high in asked]  # each starts a countdown
    assert "no connection" in offline[0].why


def test_thirty_good_seconds_make_the_next_cut_the_first_again() -> None:
    async def main(seconds: int) -> float | None:
        row = session(1)
        good = FakeLine(whole(row))
        lines = Lines([LineClosed("refused")] * 4 + [good])

        async def life() -> None:
            await good.opened.wait()
            for _ in range(seconds // 5):
                await asyncio.sleep(5)
                good.push(beat(5, row))
            good.push(LineClosed("cut"))

        task = asyncio.create_task(life())
        seen = await collect(feed(lines), link(LinkState.STALE))
        await task
        assert isinstance(seen[-1], LinkChanged)
        return seen[-1].retry_in

    assert run(lambda: main(35)) == 0.25
    assert run(lambda: main(20)) == 1.0


def test_lines_that_are_live_and_cut_again_and_again_are_had_anew_within_a_second() -> None:
    """A backend after the other dies: each line was a good one, though none for long."""
    cut = [FakeLine(whole(session(1)), then=LineClosed("the line was cut")) for _ in range(7)]
    lines = Lines([*cut, FakeLine(then=LineClosed("", 4401))])
    run(lambda: collect(feed(lines)))
    pauses = [later - earlier for earlier, later in zip(lines.opened, lines.opened[1:], strict=False)]
    assert pauses == [0.25, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_retry_now_cuts_the_pause_short() -> None:
    async def main() -> list[float]:
        lines = Lines([LineClosed("refused")] * 8)
        following = feed(lines)
        async with aclosing(following.updates()) as updates:
            async for update in updates:
                if isinstance(update, LinkChanged) and (update.retry_in or 0) >= 8:
                    asyncio.get_running_loop().call_later(1.0, following.retry_now)
                if len(lines.opened) == 7:
                    break
        return lines.opened

    opened = run(main)
    assert opened[6] - opened[5] == pytest.approx(1.0)


def snapshot(*rows: Session, seq: int = 5) -> Snapshot:
    digest = digest_of((row.id, row.version) for row in rows)
    return Snapshot(epoch="e1", seq=seq, now=NOW, me=ME, sessions=rows, digest=digest, counts=Counts())


def test_without_a_websocket_it_polls_and_goes_on_trying() -> None:
    polled_at: list[float] = []

    async def poll() -> Snapshot:
        polled_at.append(now())
        return snapshot(session(len(polled_at)), seq=len(polled_at))

    refusals: list[FakeLine | LineClosed] = [LineClosed("no websocket: it answered 403")] * 8
    back = FakeLine([welcome(8, "resume")])
    lines, replica = Lines([*refusals, back]), Replica()
    seen = run(lambda: collect(feed(lines, replica, poll), link(LinkState.LIVE)))
    assert polled_at == [0.0, 0.0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5]
    assert states(seen) == [LinkState.CONNECTING, LinkState.POLLING, LinkState.LIVE]
    assert [update.seq for update in seen if isinstance(update, SnapshotApplied)] == list(range(1, 9))
    assert json.loads(back.sent[0])["resume"] == {"epoch": "e1", "seq": 8}
    assert set(replica.rows) == {"session-8"}


def test_a_poll_that_hangs_is_given_up_before_the_rows_are_twelve_seconds_old() -> None:
    polled_at: list[float] = []
    told: list[float] = []

    async def poll() -> Snapshot:
        if len(polled_at) == 7:
            await asyncio.get_running_loop().create_future()
        polled_at.append(now())
        return snapshot(session(1), seq=1)

    def offline(update: Update) -> bool:
        if isinstance(update, LinkChanged) and update.state is LinkState.OFFLINE:
            told.append(now())
        return bool(told)

    run(lambda: collect(feed(Lines([LineClosed("no websocket")] * 9), poll=poll), offline))
    assert told[0] - polled_at[-1] + OPEN_SECONDS < DEAD_SECONDS


def test_a_backend_that_comes_back_is_resumed_and_not_polled() -> None:
    polls: list[float] = []

    async def poll() -> Snapshot:
        polls.append(now())
        return await unreachable() if len(polls) == 1 else snapshot(session(9), seq=9)

    first = FakeLine(whole(session(1)), then=LineClosed("cut"))
    back = FakeLine([welcome(5, "resume"), delta(5, session(2))])
    lines = Lines([first, LineClosed("refused"), LineClosed("refused"), back])
    seen = run(lambda: collect(feed(lines, poll=poll), lambda update: isinstance(update, EventApplied)))
    assert states(seen)[2:] == [LinkState.LIVE, LinkState.STALE, LinkState.OFFLINE, LinkState.LIVE]
    assert lines.opened[3] == lines.opened[2]
    assert json.loads(back.sent[0])["resume"] == {"epoch": "e1", "seq": 5}


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SignedOut(Problem(error="no", code="SIGNED_OUT")), LinkState.SIGNED_OUT),
        (TooOld("terminal", "it speaks version 1"), LinkState.TOO_OLD),
    ],
)
def test_a_refused_handshake_is_settled_by_what_http_says(error: Exception, state: LinkState) -> None:
    async def poll() -> Snapshot:
        raise error

    lines = Lines([LineClosed("no websocket: it answered 401")])
    seen = run(lambda: collect(feed(lines, poll=poll)))
    assert seen[-1] == LinkChanged(state, str(error))
    assert len(lines.opened) == 1


def test_a_frame_that_cannot_be_read_ends_the_line_not_the_feed() -> None:
    lines = Lines([FakeLine([*whole(session(1)), '{"t":"delta","from":"x"}']), FakeLine([welcome(5, "resume")])])
    seen = run(lambda: collect(feed(lines), live_on_line(2, lines)))
    assert any(isinstance(update, LinkChanged) and "does not understand" in update.why for update in seen)


def test_unknown_frames_and_fields_are_passed_over() -> None:
    row = session(1)
    known = beat(5, row).model_dump(mode="json") | {"mood": "good"}
    line = FakeLine([*whole(row), '{"t":"firework"}', json.dumps(known)])
    seen = run(lambda: collect(feed(Lines([line])), lambda update: update == Fresh(NOW + timedelta(seconds=5), 5)))
    assert states(seen)[-1] is LinkState.LIVE


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_closing_it_anywhere_leaves_no_task_and_no_line(after: int) -> None:
    line = FakeLine(whole(session(1)))

    async def main() -> int:
        count = 0
        following = feed(Lines([line]))

        async def read() -> None:
            nonlocal count
            async with aclosing(following.updates()) as updates:
                async for _ in updates:
                    count += 1
                    if count > after:
                        await asyncio.Event().wait()

        task = asyncio.create_task(read())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return len(asyncio.all_tasks())

    assert run(main) == 1
    assert line.dropped == bool(line.sent)


def test_a_machine_that_slept_between_two_polls_says_so_when_it_wakes() -> None:
    asleep = 0.0

    async def poll() -> Snapshot:
        return snapshot(session(1))

    async def main() -> tuple[list[Update], float]:
        def sleep() -> None:
            nonlocal asleep
            asleep += 3600

        asyncio.get_running_loop().call_later(2.5, sleep)
        lines = Lines([LineClosed("refused")] * 3)
        return await collect(feed(lines, poll=poll, clock=lambda: now() + asleep), link(LinkState.STALE)), now()

    seen, at = run(main)
    assert states(seen)[-2:] == [LinkState.POLLING, LinkState.STALE]
    assert at <= 3.5


def test_a_line_that_opens_and_says_nothing_does_not_keep_it_from_polling() -> None:
    polled_at: list[float] = []

    async def poll() -> Snapshot:
        polled_at.append(now())
        return snapshot(session(1), seq=len(polled_at))

    lines = Lines([LineClosed("refused"), LineClosed("refused"), *(FakeLine() for _ in range(3))])
    run(lambda: collect(feed(lines, poll=poll), lambda update: len(polled_at) == 4))
    assert all(later - earlier < DEAD_SECONDS for earlier, later in pairwise(polled_at))
