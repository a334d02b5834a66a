"""A stream that is cut anywhere is judged as if it were whole: where the program paused says nothing."""

import re

import pytest

from tests.hostile.judge import DASHBOARD_CSI, Allowed, findings, whole

HONEST = "\x1b[3;1H漢字\x1b[0;1mnow\x1b]8;;\x07\r\n\x1b[4;1H\x1b]2;mechtui: active\x1b\\é".encode()
HOSTILE = HONEST + b"\x1b[2J" + HONEST
ALLOWED = Allowed(frozenset(), DASHBOARD_CSI, title=re.compile("mechtui: active"))


@pytest.mark.parametrize("cut", range(len(HONEST) + 1))
def test_an_honest_stream_is_honest_on_both_sides(cut: int) -> None:
    (moved,) = whole(HONEST, [cut])
    assert cut <= moved <= len(HONEST)
    assert findings(HONEST[:moved], ALLOWED) == findings(HONEST[moved:], ALLOWED) == []


@pytest.mark.parametrize("cut", range(len(HOSTILE) + 1))
def test_what_acts_is_found_on_one_side(cut: int) -> None:
    (moved,) = whole(HOSTILE, [cut])
    assert findings(HOSTILE[:moved], ALLOWED) + findings(HOSTILE[moved:], ALLOWED) == ["csi: '\\x1b[2J'"]
