"""What all tests share: an environment that changes nothing, and snapshots in one folder at the top."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOR_TESTS = ("TEXTUAL_SNAPSHOT", "MECHTUI_FAULTS", "MECHTUI_TEST")
"""Set for the tests themselves, by the snapshot plugin or by whoever starts them."""

for name in [name for name in os.environ if name.startswith(("TEXTUAL_", "MECHTUI_", "SSH_"))]:
    if not name.startswith(FOR_TESTS):
        del os.environ[name]
for name in (
    "NO_COLOR",
    "COLUMNS",
    "LINES",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "COLORTERM",
    "TMUX",
    "STY",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
):
    os.environ.pop(name, None)
os.environ["TZ"] = "UTC"
os.environ["TERM"] = "xterm"

from pytest_textual_snapshot import SVGImageExtension  # noqa: E402 - after the environment is cleared
from textual.widgets import Input  # noqa: E402

from tests.engines import KINDS, PostgresServer, postgres_server  # noqa: E402
from tests.faults.tally import (  # noqa: E402, F401 - found by their names
    pytest_runtest_logreport,
    pytest_terminal_summary,
    tally,
)

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"


def _dirname(cls: type[SVGImageExtension], *, test_location: Any) -> str:
    """Keep screens in the top-level snapshots folder, one folder a test module."""
    return str(SNAPSHOTS / test_location.basename)


SVGImageExtension.dirname = classmethod(_dirname)


@pytest.fixture(autouse=True)
def _steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor would be caught in either state."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, from the first test that needs one on."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that is this test's own, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url
