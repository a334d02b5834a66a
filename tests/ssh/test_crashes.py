"""A fault of the dashboard's own, in a login: told in the log, and nothing of it on the mechanic's screen."""

from pathlib import Path

import pytest

import mechtui
from mechtui.app import ThemedApp
from mechtui.ssh.child import logged


class Faulty(ThemedApp):
    """Falls over at once, with a customer's words in a variable."""

    CSS_PATH = str(Path(mechtui.__file__).with_name("mechtui.tcss"))

    def on_mount(self) -> None:
        words = "grinding when braking"
        raise ZeroDivisionError(len(words))


async def test_a_fault_is_told_without_the_values_of_variables(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    crashes: list[str] = []
    monkeypatch.setattr(ThemedApp, "tell_crash", crashes.append)
    with pytest.raises(ZeroDivisionError):
        async with Faulty().run_test():
            pass
    (crash,) = crashes
    assert "ZeroDivisionError: 21" in crash
    assert "on_mount" in crash
    assert "grinding when braking" not in crash
    assert "ZeroDivisionError" not in capfd.readouterr().err


def test_a_customers_words_in_a_fault_do_nothing_to_who_reads_the_log() -> None:
    said = logged(7, "Traceback\n  in line\nValueError: \x1b]0;title\x07\u202e\x9b2J\n").decode()
    assert said.split("\n")[:3] == ["mechtui: login 7 crashed", "Traceback", "  in line"]
    assert not any(sign in said for sign in "\x1b\x07\u202e\x9b")
