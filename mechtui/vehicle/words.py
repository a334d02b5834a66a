"""What is known of a request's vehicle, told in pieces and lines: verdict on the VIN, codes, odometer. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from mechtui.formatting import Line, Piece, Tone, clip, one_line, width_of, wrap
from mechtui.models import Intake, Vehicle
from mechtui.vehicle.codes import Codes, Kind, Meaning
from mechtui.vehicle.odometer import lower_than, reading
from mechtui.vehicle.vin import WRONG, State, Verdict, judge

SHOWN_IN_SHORT = 3
"""More codes than this are told of in the intake only."""
UNLIKELY_MILES = 400_000

_ONE_LINE = 1000


class Fact(NamedTuple):
    """A line of an intake: what it is about, what is said of it, and in which tone."""

    label: str
    value: str
    tone: Tone = "text"


def verdict(vehicle: Vehicle) -> Verdict:
    """What can be said of a vehicle's VIN."""
    return judge(vehicle.vin, vehicle.make, vehicle.year)


def badge(vehicle: Vehicle) -> Piece:
    """The verdict in a few cells; empty where no VIN was given."""
    state = verdict(vehicle).state
    return Piece(state.value, _tone(state))


def _tone(state: State) -> Tone:
    return "warn" if state in WRONG else "good" if state is State.OK else "dim"


# --- in short ----------------------------------------------------------------------------------------------------


def vehicle_lines(vehicle: Vehicle, width: int) -> list[Line]:
    """The vehicle, its odometer and the verdict on its VIN: on one line where they fit, else on two."""
    name = Piece(f" {one_line(vehicle.label) or 'no vehicle given'}")
    odometer = Piece(f"odometer {odometer_words(vehicle.odometer)}" if vehicle.odometer else "", "dim")
    facts = [piece for piece in (badge(vehicle), odometer) if piece.text]
    pieces = tuple(part for piece in facts for part in (Piece("   "), piece))
    if width_of((name, *pieces)) <= width or not facts:
        return [(name, *pieces)]
    return [(name,), (Piece(" "), *pieces[1:])]


def codes_in_short(codes: Codes, concern: str, vehicle: Vehicle, width: int) -> list[Line]:
    """The first codes in the customer's words, a line each."""
    found = codes_of(codes, concern, vehicle)
    lines = [clip(_code(meaning, _ONE_LINE)[0], width) for meaning in found[:SHOWN_IN_SHORT]]
    more = len(found) - SHOWN_IN_SHORT
    return [*lines, (Piece(f" {more} more codes in the intake", "dim"),)] if more > 0 else lines


# --- in full -----------------------------------------------------------------------------------------------------


def stated_vehicle(intake: Intake, vehicle: Vehicle) -> list[Fact]:
    """The vehicle as stated, with what can be said of it, and what was not given."""
    judged = verdict(vehicle)
    facts = [Fact("vehicle", one_line(vehicle.label) or "not given"), Fact("VIN", one_line(intake.vin or ""))]
    facts.append(Fact(judged.state.value, judged.words, _tone(judged.state)))
    facts.append(Fact("plate", one_line(intake.plate or "")))
    facts.append(Fact("odometer", odometer_words(intake.odometer or "")))
    given = [fact for fact in facts if fact.value]
    said = {True: Fact("drivable", "yes"), False: Fact("drivable", "NO", "warn"), None: Fact("drivable", "not said")}
    missing = ", ".join(fact.label for fact in facts if fact.label and not fact.value)
    return [*given, said[intake.drivable], *([Fact("not given", missing)] if missing else [])]


def codes_in_full(codes: Codes, concern: str, vehicle: Vehicle, width: int) -> list[Line]:
    """All codes in the customer's words with all that they say."""
    found = codes_of(codes, concern, vehicle)
    return [(Piece(" "), *line) for meaning in found for line in _code(meaning, width - 1)]


def codes_of(codes: Codes, concern: str, vehicle: Vehicle) -> list[Meaning]:
    """The trouble codes in the customer's words."""
    return codes.found_in(concern, vehicle.label)


def _code(meaning: Meaning, width: int) -> list[Line]:
    first, *more = wrap(meaning.words, width - 9)
    tone: Tone = "text" if meaning.kind is Kind.KNOWN else "dim"
    lines: list[Line] = [(Piece(f" {meaning.code}  ", "accent"), Piece(first, tone))]
    return [*lines, *((Piece(" " * 8 + line, tone),) for line in more)]


# --- odometers ---------------------------------------------------------------------------------------------------


def odometer_words(text: str) -> str:
    """An odometer as entered; where it can be read as a number with a unit, in the other unit, too."""
    found = reading(text)
    return found.words if found and found.unit else one_line(text)


def odometer_warning(text: str | None, earlier: Sequence[str | None]) -> str:
    """What cannot be right about an odometer, given what the same vehicle showed before; or nothing."""
    now = reading(text)
    if now is None:
        return ""
    before = lower_than(now, [found for found in map(reading, earlier) if found is not None])
    if before is not None:
        return f"LOWER than before: it showed {before.words}"
    return "a lot, is it right?" if now.within("mi") > UNLIKELY_MILES else ""
