"""Odometers: a reading out of what somebody wrote, and whether it can follow on an earlier one. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["km", "mi"]

KM_PER_MILE = 1.609344
SLACK = 0.005
"""So much of a reading may be lost to rounding: people say `88k`."""

_READING = re.compile(
    r"(?<!\d)(?P<number>\d{1,3}(?:[ ,.'’]\d{3}){1,2}(?!\d)|\d{1,9}(?!\d)(?:[.,]\d{1,3})?)"
    r"\s*(?P<thousand>k(?![a-z])|thousand)?\s*(?P<unit>[a-z]*)",
    re.ASCII | re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.'’]\d{3})+", re.ASCII)
_UNITS: dict[str, Unit] = {
    "km": "km", "kms": "km", "kilometers": "km", "kilometres": "km", "kilometer": "km", "kilometre": "km",
    "mi": "mi", "mile": "mi", "miles": "mi", "mls": "mi", "m": "mi",
}  # fmt: skip
_MOST = 10_000_000


@dataclass(frozen=True)
class Reading:
    """A whole number as it was entered, with its unit where one was given. Never converted for keeping."""

    value: int
    unit: Unit | None = None

    @property
    def words(self) -> str:
        """As entered and, where the unit is known, in the other one: `142,310 km (88,427 mi)`."""
        if self.unit is None:
            return f"{self.value:,}"
        other: Unit = "mi" if self.unit == "km" else "km"
        return f"{self.value:,} {self.unit} ({round(self.within(other)):,} {other})"

    def within(self, unit: Unit) -> float:
        """The reading in a unit; one without a unit is taken to be in it."""
        if self.unit is None or self.unit == unit:
            return self.value
        return self.value * KM_PER_MILE if unit == "km" else self.value / KM_PER_MILE


def reading(text: str | None) -> Reading | None:
    """The first number in what was written: `142,310 km`, `88k mi`, `120000`. Nothing when there is none."""
    match = _READING.search(text or "")
    if match is None:
        return None
    value = _value(match["number"], thousand=bool(match["thousand"]))
    return Reading(value, _UNITS.get(match["unit"].lower())) if 0 < value < _MOST else None


def _value(number: str, *, thousand: bool) -> int:
    """`142,310` is grouped; `88.5k` has a fraction, and so has `120000.4`."""
    if _GROUPED.fullmatch(number) and not thousand:
        return int(re.sub(r"\D", "", number))
    return int(float(re.sub(r"[ '’]", "", number).replace(",", ".")) * (1000 if thousand else 1))


def lower_than(now: Reading, earlier: Sequence[Reading]) -> Reading | None:
    """The highest earlier reading that this one falls below, where it does by more than rounding."""
    unit: Unit = now.unit or next((reading.unit for reading in earlier if reading.unit), None) or "mi"
    highest = max(earlier, key=lambda reading: reading.within(unit), default=None)
    if highest is None or now.within(unit) >= highest.within(unit) * (1 - SLACK):
        return None
    return highest
