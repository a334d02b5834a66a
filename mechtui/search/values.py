"""Numbers, prices and lengths of time as they are typed, as stretches of whole numbers. Pure."""

import re

Stretch = tuple[int, int]
"""From a number to another, the second not included."""

_DIGITS = re.compile(r"[0-9]{1,6}")
_PRICE = re.compile(r"\$?([0-9]{1,7})(?:\.([0-9]{1,2}))?")
_LENGTH = re.compile(r"(?:[0-9]{1,15}(?:ms|s|m|h|d))+")
_PART = re.compile(r"([0-9]+)(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LONGEST = 10**12
"""Some thirty years, in milliseconds: no longer length is one."""
_CENTS = 100
_LATEST_SHORT_YEAR = 49
"""`year:18` is 2018, `year:50` is 1950."""


def year(text: str) -> Stretch | None:
    """A year in four digits, or in two as the lists show it."""
    if not _DIGITS.fullmatch(text) or len(text) not in {2, 4}:
        return None
    number = int(text)
    if len(text) == 2:
        number += 2000 if number <= _LATEST_SHORT_YEAR else 1900
    return number, number + 1


def rating(text: str) -> Stretch | None:
    """One to five."""
    if text not in {"1", "2", "3", "4", "5"}:
        return None
    return int(text), int(text) + 1


def price(text: str) -> Stretch | None:
    """An amount in cents. `29` is all that begins with 29, `29.99` is exact."""
    found = _PRICE.fullmatch(text)
    if not found:
        return None
    whole, cents = int(found[1]) * _CENTS, found[2]
    if cents is None:
        return whole, whole + _CENTS
    low = whole + int(cents.ljust(2, "0"))
    return low, low + (10 if len(cents) == 1 else 1)


def length(text: str) -> Stretch | None:
    """A length of time in milliseconds. `5m` is the whole of the sixth minute, `1h30m` that one minute."""
    if not _LENGTH.fullmatch(text):
        return None
    parts = [(int(number), _UNITS[unit]) for number, unit in _PART.findall(text)]
    low = sum(number * unit for number, unit in parts)
    return (low, low + min(unit for _, unit in parts)) if low <= _LONGEST else None
