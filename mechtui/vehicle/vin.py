"""Vehicle identification numbers: whether one can be right, and whether it is of the vehicle that was stated.

The rules are those of 49 CFR part 565 for North America and GB 16735 for China; elsewhere ISO 3779 asks for neither a
check digit nor a model year, and none is missed there. What is not known is said to be not known.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mechtui.vehicle.makes import makers_of, same_make

LENGTH = 17
PARTIAL_FROM = 11
"""With so many characters maker, kind and model year are there: people read that much off a windscreen or a paper."""
YEAR_LETTERS = "ABCDEFGHJKLMNPRSTVWXY123456789"
"""Position 10, from model year 1980 on; they come round again every thirty years."""
FIRST_YEAR = 1980

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_FILLER = "ZZZ"
"""What European makers write into positions 4 to 6 of numbers for Europe."""


class State(StrEnum):
    """How a number stands; the value is its badge."""

    NONE = ""
    OK = "VIN ok"
    OPEN = "VIN ?"
    PARTIAL = "VIN part"
    MISMATCH = "VIN ≠ car"
    TYPO = "VIN typo?"


WRONG = frozenset({State.MISMATCH, State.TYPO})


@dataclass(frozen=True)
class Verdict:
    """What can be said of a number: its badge, what was found right, and what was found wrong, in words."""

    state: State
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it in one line, what is wrong first."""
        return ", ".join((*self.wrong, *self.right))


def normal(vin: str) -> str:
    """A number as it is compared: capital letters, without spaces, dashes and dots."""
    return re.sub(r"[\s.\-]", "", vin).upper()


def year_letter(year: int) -> str:
    """The sign at position 10 for a model year from 1980 on."""
    return YEAR_LETTERS[(year - FIRST_YEAR) % len(YEAR_LETTERS)]


def check_digit(vin: str) -> str:
    """Position 9: the weighted sum of all others, modulo 11. Raises `KeyError` for a sign that no VIN holds."""
    total = sum(
        weight * (int(sign) if sign in "0123456789" else _VALUES[sign])
        for sign, weight in zip(vin, _WEIGHTS, strict=True)
    )
    return "X" if total % 11 == 10 else str(total % 11)


def model_years(vin: str) -> tuple[int, ...]:
    """The model years a number of at least ten signs may be of, the latest first; none when position 10 is no year.

    In North America position 7 tells the rounds apart for cars: a digit is 1980 to 2009, a letter 2010 to 2039.
    """
    place = YEAR_LETTERS.find(vin[9])
    if place < 0:
        return ()
    early, late = FIRST_YEAR + place, FIRST_YEAR + place + len(YEAR_LETTERS)
    if not _north_american(vin):
        return late, early
    return (early,) if vin[6] in "0123456789" else (late,)


@lru_cache(maxsize=4096)
def judge(vin: str | None, make: str | None, year: str | None) -> Verdict:
    """Whether a number can be right, and whether it is of a vehicle of this make and year as stated.

    A number with something wrong in itself is a typing error before it is another vehicle's.
    """
    number = normal(vin or "")
    if not number:
        return Verdict(State.NONE)
    spelling = _spelling(number)
    if spelling:
        return Verdict(State.TYPO, wrong=spelling)
    digit_right, digit_wrong = _check(number)
    if digit_wrong:
        return Verdict(State.TYPO, wrong=(digit_wrong,))
    findings = [_make(number, make or ""), _year(number, year or "")]
    right = (*digit_right, *(words for fits, words in findings if fits is True))
    wrong = tuple(words for fits, words in findings if fits is False)
    unsure = tuple(words for fits, words in findings if fits is None and words)
    return Verdict(_state(number, right, wrong), (*_length(number), *right, *unsure), wrong)


def _state(number: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> State:
    if wrong:
        return State.MISMATCH
    if len(number) < LENGTH:
        return State.PARTIAL
    return State.OK if right else State.OPEN


def _length(number: str) -> tuple[str, ...]:
    return () if len(number) == LENGTH else (f"only the first {len(number)} of {LENGTH} characters",)


def _spelling(number: str) -> tuple[str, ...]:
    """What no number may be: too short, too long, or with signs that none holds."""
    strange = dict.fromkeys(sign for sign in number if sign not in _VALUES and sign not in "0123456789")
    if strange:
        signs, verb = " ".join(strange), "is" if len(strange) == 1 else "are"
        return (f"{signs} {verb} never in a VIN",)
    if PARTIAL_FROM <= len(number) <= LENGTH:
        return ()
    return (f"{len(number)} characters, a VIN has {LENGTH}",)


def _check(number: str) -> tuple[tuple[str, ...], str]:
    """What the check digit says, where there is one: right, or wrong."""
    if len(number) < LENGTH:
        return (), ""
    if check_digit(number) == number[8]:
        return ("check digit right",), ""
    return (), "check digit wrong" if number[0] in "12345L" else ""


def _north_american(number: str) -> bool:
    """Whether it follows the North American rules: made there, or made for there, which the check digit shows."""
    if number[0] in "12345":
        return True
    made_for = len(number) == LENGTH and number[3:6] != _FILLER and number[0] != "L"
    return made_for and check_digit(number) == number[8]


def _make(number: str, stated: str) -> tuple[bool | None, str]:
    makers = makers_of(number)
    if not makers:
        return None, "maker not known here"
    if not stated.strip():
        return None, f"maker {_either(makers)}"
    fitting = [make for make in makers if same_make(stated, make)]
    return (True, f"make {fitting[0]} right") if fitting else (False, f"number says {_either(makers)}")


def _year(number: str, stated: str) -> tuple[bool | None, str]:
    years, given = model_years(number), _YEAR.search(stated)
    binding = _north_american(number) or number[0] == "L"
    if not years:
        return (False, "position 10 is no model year") if binding else (None, "")
    said = " or ".join(map(str, reversed(years)))
    if not given:
        return None, f"model year {said}"
    if int(given[0]) in years:
        return True, f"year {given[0]} right"
    return (False, f"number says {said}") if binding else (None, f"year letter of {said}, not binding there")


def _either(makes: tuple[str, ...]) -> str:
    return " or ".join(makes[:3]) + (" …" if len(makes) > 3 else "")
