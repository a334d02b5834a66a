"""Odometers: what is read out of what people write, and what cannot follow on an earlier reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.vehicle.odometer import Reading, lower_than, reading
from mechtui.vehicle.words import odometer_warning, odometer_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("142,310 km", Reading(142310, "km")),
        ("142310", Reading(142310)),
        ("88k mi", Reading(88000, "mi")),
        ("88.5k", Reading(88500)),
        ("~150K miles", Reading(150000, "mi")),
        ("120.000 km", Reading(120000, "km")),
        ("1 234 567 km", Reading(1234567, "km")),
        ("12'000km", Reading(12000, "km")),
        ("about 90 thousand miles", Reading(90000, "mi")),
        ("120000.4 Miles", Reading(120000, "mi")),
        ("dont know", None),
        ("", None),
        (None, None),
        ("0", None),
        ("9" * 5000, None),
    ],
)
def test_reading(text: str | None, expected: Reading | None) -> None:
    assert reading(text) == expected


def test_both_units_are_told_where_one_is_known() -> None:
    assert odometer_words("142,310 km") == "142,310 km (88,427 mi)"
    assert odometer_words("142310") == "142310"
    assert odometer_words("a  lot") == "a lot"


@pytest.mark.parametrize(
    ("now", "earlier", "words"),
    [
        ("120,000 km", ["130,000 km"], "LOWER than before: it showed 130,000 km (80,778 mi)"),
        ("120,000 km", ["60,000 mi", "90,000 mi"], "LOWER than before: it showed 90,000 mi (144,841 km)"),
        ("120,000 km", ["70,000 mi", None, "unknown"], ""),
        ("88k", ["88,200"], ""),
        ("80k", ["88,200"], "LOWER than before: it showed 88,200"),
        ("450,000 mi", [], "a lot, is it right?"),
        ("450,000 km", [], ""),
        ("unknown", ["88,200"], ""),
    ],
)
def test_warning(now: str, earlier: list[str | None], words: str) -> None:
    assert odometer_warning(now, earlier) == words


@given(st.text(max_size=60))
def test_any_text_is_a_reading_or_none(text: str) -> None:
    found = reading(text)
    assert found is None or 0 < found.value < 10_000_000


@given(st.integers(1, 9_999_999), st.sampled_from([None, "km", "mi"]))
def test_what_is_told_reads_as_what_it_was(value: int, unit: str | None) -> None:
    first = reading(f"{value:,} {unit or ''}")
    assert first is not None
    assert first == Reading(value, unit)  # type: ignore[arg-type]
    assert reading(first.words) == first
    assert lower_than(first, [first]) is None
