"""Trouble codes: found in what people write, taken apart by their structure, explained where that can be done honestly.

The structure is that of SAE J2012 / ISO 15031-6. A maker's own codes mean another thing with each maker, so nothing is
made up for them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

CODE = re.compile(r"\b[PBCU][0-3][0-9A-F]{3}\b", re.ASCII | re.IGNORECASE)


class Kind(StrEnum):
    """What can be said of a code at all."""

    KNOWN = "known"
    MAKER = "maker-specific"
    UNKNOWN = "generic, not known here"
    RESERVED = "reserved by the standard"


@dataclass(frozen=True)
class Meaning:
    """One code and what it says. `text` is empty unless it is known; `system` follows from the structure."""

    code: str
    kind: Kind
    system: str
    text: str = ""
    caution: str = ""

    @property
    def words(self) -> str:
        """What to show behind the code: its meaning, or why there is none."""
        if self.text:
            return f"{self.text} ({self.caution})" if self.caution else self.text
        return f"{self.kind} ({self.system})"


@dataclass(frozen=True, eq=False)
class Codes:
    """Meanings by code: the package's own, under what somebody has loaded besides."""

    loaded: Mapping[str, str] = field(default_factory=dict)

    def meaning(self, code: str) -> Meaning:
        """What a well-formed code says, in any case of letters. Raises `ValueError` for what is no code."""
        code = code.upper()
        if not CODE.fullmatch(code):
            raise ValueError(f"{code} is no trouble code; one is like P0420")
        own = "" if code in self.loaded else own_meanings().get(code, "")
        text = self.loaded.get(code, own)
        caution = "check the maker's text" if own and code[:2] in _DIFFERS else ""
        return Meaning(code, Kind.KNOWN if text else _kind(code), system_of(code), text, caution)

    def found_in(self, text: str, vehicle: str = "") -> list[Meaning]:
        """The codes in a text, each once, in order. What is part of the vehicle's name is none: a C1500 is a truck."""
        names = {match.upper() for match in CODE.findall(vehicle)}
        found = dict.fromkeys(match.upper() for match in CODE.findall(text))
        return [self.meaning(code) for code in found if code not in names]


OWN_CODES = Codes()
"""What the package knows by itself."""

_DIFFERS = frozenset({"B0", "C0", "P3"})
"""Generic codes that tables are not of one mind about."""

_AREAS = {"P": "powertrain", "B": "body", "C": "chassis", "U": "network"}
_POWERTRAIN = {
    "0": "fuel and air", "1": "fuel and air", "2": "injectors", "3": "ignition", "4": "emissions",
    "5": "speed and idle", "6": "control module", "7": "transmission", "8": "transmission", "9": "transmission",
    "A": "hybrid", "B": "hybrid", "C": "hybrid",
}  # fmt: skip


def system_of(code: str) -> str:
    """What part of the vehicle a code is about: `ignition`, `chassis`. Of a maker's own code only the area is sure."""
    if code[:2] in {"P0", "P2"}:
        return _POWERTRAIN.get(code[2], "powertrain")
    return _AREAS[code[0]]


def _kind(code: str) -> Kind:
    """Generic, a maker's own, or reserved: the second sign says, and for P3 the third as well."""
    area, second = code[0], code[1]
    if area == "P":
        own = second == "1" or (second == "3" and code[2] < "4")
        return Kind.MAKER if own else Kind.UNKNOWN
    if second in "12":
        return Kind.MAKER
    return Kind.RESERVED if second == "3" and area != "U" else Kind.UNKNOWN


@cache
def own_meanings() -> Mapping[str, str]:
    """The package's own table."""
    text = (files(__package__) / "data" / "codes.tsv").read_text(encoding="utf-8")
    return read_table(text)


def read_table(text: str) -> dict[str, str]:
    """Lines of code, tab, meaning; lines without a tab say nothing."""
    split = (line.partition("\t") for line in text.splitlines())
    return {code: meaning for code, tab, meaning in split if tab}
