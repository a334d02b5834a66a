"""The benchmarks run and yield their rows; how fast anything is, no test asks."""

import shutil

import pytest

from benchmarks import big_list, commands, feed, keys, over_http, postgres, restart, ssh, store
from benchmarks.__main__ import main
from benchmarks.table import Machine, Row, table


def test_a_row_says_its_goal_and_by_how_much_it_was_missed() -> None:
    at_most = Row("key", 3.3, "ms", 3, beside="bare 1 ms")
    at_least = Row("accepts", 1500, "/s", 2000, at_least=True)
    assert (at_most.goal, at_most.verdict) == ("≤ 3 ms", "missed by 10%")
    assert (at_least.goal, at_least.verdict) == ("≥ 2,000/s", "missed by 25%")
    assert Row("key", 2.9, "ms", 3).verdict == "ok"
    assert (Row("only told", 1, "s").goal, Row("only told", 1, "s").verdict) == ("", "")
    head, *lines = table([at_most, at_least]).splitlines()
    assert head.split() == ["what", "goal", "measured", "verdict", "beside", "it"]
    assert [line.index("missed") for line in lines] == [head.index("verdict")] * 2
    assert "others used" in str(Machine())


def test_a_name_nobody_knows_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "spoons"]) == 2
    assert "spoons" in capsys.readouterr().err


def test_the_dashboard_in_its_terminal_is_timed() -> None:
    assert all(row.measured > 0 for row in keys.measure(rounds=1))


def test_the_backend_is_timed() -> None:
    rows = [
        *store.measure(rounds=1, accepts=130),
        *postgres.measure(rounds=1, accepts=130),
        *over_http.measure(alone=5, each=2, rounds=1),
        *feed.measure(crowds=(5,), rounds=2),
        *restart.measure(rounds=1, terminals=3),
    ]
    assert all(row.measured >= 0 for row in rows)
    assert {row.unit for row in rows} == {" ×", "ms", "/s", "s"}


def test_programs_and_widgets_are_timed() -> None:
    rows = [*commands.measure(rounds=1), *big_list.measure(count=300)]
    assert [row.unit for row in rows] == ["ms"] * 4


@pytest.mark.skipif(shutil.which("ssh") is None, reason="OpenSSH's client is not here")
def test_logins_over_ssh_are_timed() -> None:
    rows = ssh.measure(crowds=(2,), alone=2, seconds=0.5)
    assert all(row.measured >= 0 for row in rows)
    assert {row.unit for row in rows} == {"s", "ms", "MB", "%"}
