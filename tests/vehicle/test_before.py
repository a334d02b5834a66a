"""What was before, in words: for a vehicle that is known, for a customer that is known, for neither."""

from datetime import UTC
from typing import Any

import pytest

from mechtui.earlier import EarlierPage
from mechtui.formatting import width_of
from mechtui.vehicle.before import doubted_odometer, earlier_in_short
from tests.dashboard.support import NOW, earlier_of


def told(page: EarlierPage, width: int = 200) -> str:
    return "".join(piece.text for line in earlier_in_short(page, NOW, UTC, width) for piece in line).strip()


def page(*outcomes: tuple[str, dict[str, Any]], **counts: int) -> EarlierPage:
    items = tuple(earlier_of(n, outcome, 10, **more) for n, (outcome, more) in enumerate(outcomes))
    return EarlierPage(items=items, total=len(items), seen=counts.get("seen", 0), came=counts.get("came", 0))


OTHER = {"same_vehicle": False, "vehicle": "2009 Ford F-150"}
FOUND = {"findings": "bad O2 sensor", "next_steps": "O2 test"}


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (page(), ""),
        (page(("completed", FOUND), seen=2), "seen 2x before, last 12 Jan: bad O2 sensor Advised: O2 test"),
        (page(("completed", {}), seen=1), "seen 1x before, last 12 Jan: check engine light, P0420"),
        (page(("cancelled", {}), ("completed", FOUND), seen=1),
         "seen 1x before, last 12 Jan: bad O2 sensor Advised: O2 test"),
        (page(("completed", OTHER | FOUND), came=1),
         "this customer came 1x before, last 12 Jan: 2009 Ford F-150, bad O2 sensor Advised: O2 test"),
        (page(("expired", {}), ("cancelled", OTHER)), "asked 2x before, none of it completed"),
    ],
)  # fmt: skip
def test_in_short(earlier: EarlierPage, words: str) -> None:
    assert told(earlier) == words


def test_two_lines_at_most_and_cut_with_a_sign() -> None:
    lines = earlier_in_short(page(("completed", {"findings": "long words " * 40}), seen=1), NOW, UTC, 47)
    assert len(lines) == 2
    assert max(map(width_of, lines)) <= 47
    assert lines[1][0].text.endswith("…")


def test_only_the_same_vehicle_makes_an_odometer_doubtful() -> None:
    assert "LOWER" in doubted_odometer("142310", page(("completed", {"odometer": "150,200"})))
    assert doubted_odometer("142310", page(("completed", OTHER | {"odometer": "150,200"}))) == ""
    assert doubted_odometer("142310", None) == ""
