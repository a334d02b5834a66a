"""What a run of the fault tests did, in numbers: live while it lasts, summed up at its end.

A test that fails says how to run it alone again, with the same seed and the same numbers.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

from tests.faults import LARGE

PROGRESS_SECONDS = 5.0
_COUNTED, _NOTED = "counted", "noted"


@dataclass
class Tally:
    """What one test counts. `counted` is handed on with its report, from whichever process it runs in."""

    request: pytest.FixtureRequest
    said: float = 0.0

    def add(self, what: str, **numbers: int) -> None:
        """So much was done of what is named so."""
        self.request.node.user_properties.append((_COUNTED, [what, numbers]))

    def note(self, words: str) -> None:
        """A figure that was measured, for the end of the run."""
        self.request.node.user_properties.append((_NOTED, words))

    def progress(self, done: int, of: int, **more: int) -> None:
        """Tell how far a large run has come, every few seconds, where somebody sees it."""
        plugins = self.request.config.pluginmanager
        terminal, capture = plugins.getplugin("terminalreporter"), plugins.getplugin("capturemanager")
        if not LARGE or terminal is None or time.monotonic() < self.said + PROGRESS_SECONDS:
            return
        self.said = time.monotonic()
        with capture.global_and_fixture_disabled():
            terminal.ensure_newline()
            terminal.write_line(f"  {self.request.node.name}: {done:,} of {of:,}{_listed(more)}")
            terminal.flush()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Where a fault test notes what it has done."""
    return Tally(request)


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """What these tests did, one line a kind of fault; nothing for tests that count nothing."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    notes: list[str] = []
    failed = caught = 0
    for report in reports:
        notes += [str(value) for name, value in report.user_properties if name == _NOTED]
        counted: list[Any] = [value for name, value in report.user_properties if name == _COUNTED]
        is_planted = "planted" in report.keywords
        failed += report.failed and (is_planted or bool(counted))
        caught += report.passed and is_planted
        for what, numbers in counted:
            sums[str(what)].update(numbers)
    lines = [f"{what}{_listed(numbers)}" for what, numbers in sorted(sums.items())] + notes
    if caught:
        lines.append(f"planted bugs: {caught:,} caught")
    if lines:
        lines.append(f"{failed} tests failed" if failed else "0 lost, 0 double, 0 orphans")
    return lines


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """At once when it fails: how to see it fail again."""
    if report.failed and LARGE:
        print(f"\n  to see it again: MECHTUI_FAULTS=large .venv/bin/python -m pytest '{report.nodeid}'", flush=True)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """The numbers of the whole run."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if isinstance(report, pytest.TestReport) and (report.when == "call" or report.failed)
    ]
    lines = summary(reports)
    if lines:
        terminalreporter.section("faults")
    for line in lines:
        terminalreporter.write_line(line)


def _listed(numbers: "Counter[str] | dict[str, int]") -> str:
    return "".join(f" · {count:,} {name.replace('_', ' ')}" for name, count in numbers.items())
