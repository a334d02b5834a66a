"""What a mechanic is reminded of, and how often."""

from datetime import timedelta

from mechtui.changes import Topic
from mechtui.models import Session
from mechtui.reminders import Reminders

from .support import MINE, NOW, live, request, taken


def topics(reminders: Reminders, row: Session | None, *seconds: float) -> list[list[Topic]]:
    return [[news.topic for news in reminders.due(row, NOW + timedelta(seconds=at))] for at in seconds]


def test_each_warning_comes_once_and_the_end_again_and_again() -> None:
    row = live(taken(request("s", "A", "2018 Kia", "x")), since=0)
    end = 45 * 60
    said = topics(Reminders(), row, 0, end - 301, end - 300, end - 200, end - 60, end - 1, end, end + 299, end + 300)
    assert said == [[], [], [Topic.PLAN_ENDS], [], [Topic.PLAN_ENDS], [], [Topic.OVERTIME], [], [Topic.OVERTIME]]


def test_what_passed_before_the_terminal_was_started_is_not_warned_of() -> None:
    assert topics(Reminders(), live(MINE, since=44.5 * 60), 0) == [[]]


def test_added_time_is_warned_of_anew() -> None:
    reminders = Reminders()
    row = live(MINE, since=41 * 60)
    assert row.plan is not None
    longer = row.model_copy(update={"plan": row.plan.model_copy(update={"minutes": 55})})
    assert topics(reminders, row, 0, 3 * 60) == [[], [Topic.PLAN_ENDS]]
    assert topics(reminders, longer, 4 * 60, 9 * 60) == [[], [Topic.PLAN_ENDS]]


def test_one_not_joined_is_called_to_mind() -> None:
    row = taken(request("s", "A", "2018 Kia", "x"))
    reminders = Reminders()
    assert topics(reminders, row, 599, 600, 601, 900) == [[], [Topic.FORGOTTEN], [], [Topic.FORGOTTEN]]
    assert topics(reminders, None, 901) == [[]]
