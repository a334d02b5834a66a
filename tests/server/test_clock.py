"""The backend's time: never back, whoever sets the machine's clock."""

from datetime import timedelta

from mechtui.server.clock import ForwardClock, moment, stamp
from mechtui.server.db import lists, sessions
from tests.server.support import START, HandClock, ShopFloor

HOUR = 3600


class Steady:
    """Seconds that a test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_the_machines_while_that_goes_forward() -> None:
    hand, steady = HandClock(), Steady()
    clock = ForwardClock(hand, steady)
    for seconds in (0, 1, HOUR):
        hand.forward(seconds)
        assert clock() == hand.now


def test_set_back_it_goes_on_as_time_does() -> None:
    hand, steady = HandClock(), Steady()
    clock = ForwardClock(hand, steady)
    hand.forward(-HOUR)
    for passed in (0, 5, 60):
        steady.now = passed
        assert clock() == START + timedelta(seconds=passed)
    hand.now = START + timedelta(seconds=61)
    assert clock() == hand.now, "and is the machine's again when that has come so far"


def test_set_back_a_little_it_waits() -> None:
    hand, steady = HandClock(), Steady()
    clock = ForwardClock(hand, steady)
    hand.forward(-0.5)
    steady.now = 0.2
    assert clock() == START


def test_it_is_as_late_as_it_is_told() -> None:
    hand, steady = HandClock(), Steady()
    clock = ForwardClock(hand, steady)
    clock.at_least(START + timedelta(hours=1))
    steady.now = 7
    assert clock() == START + timedelta(hours=1, seconds=7)
    clock.at_least(START)
    assert clock() == START + timedelta(hours=1, seconds=7)


async def test_a_request_that_is_listed_can_be_accepted_though_the_clock_was_set_back(floor: ShopFloor) -> None:
    """Lists, refusals and stamps go by one time."""
    request = await floor.submit()
    floor.clock.forward(14 * 60)
    other = await floor.submit()
    floor.clock.forward(-14 * 60)
    assert floor.store.now() >= stamp(START + timedelta(minutes=14))
    assert (await floor.accept(floor.ann, request.id)).status == "waiting"
    assert (await floor.store.run(lambda tx: sessions.any_session(tx, other.id))).status == "pending"
    times = [moment(event.at) for event in await floor.events()]
    assert times == sorted(times)


async def test_a_backend_started_anew_is_no_earlier_than_its_log(floor: ShopFloor) -> None:
    floor.clock.forward(HOUR)
    await floor.submit()
    await floor.store.close()
    floor.clock.forward(-HOUR)
    floor.store = floor.open()
    assert floor.store.now() >= stamp(START + timedelta(hours=1))
    assert len((await floor.store.read(lists.everything_open))[2]) == 1
