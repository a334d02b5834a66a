"""Numbers that are right, wrong, partial, and of another vehicle than was stated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.models import Vehicle
from mechtui.vehicle.makes import makers_of, same_make
from mechtui.vehicle.vin import State, check_digit, judge, model_years, normal, year_letter
from mechtui.vehicle.words import badge

SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

# The check digits of the first three stand in published examples of 49 CFR 565; the others are of the rules.
CASES = [
    ("1M8GDM9AXKP042788", None, None, State.OK, "check digit right"),
    ("1HGCM82633A004352", "Honda", "2003", State.OK, "year 2003 right"),
    ("11111111111111111", None, None, State.OK, "maker not known"),
    ("1hgcm826 33a-004352", "honda", "2003", State.OK, "make Honda right"),
    ("1HGCM82633A004353", "Honda", "2003", State.TYPO, "check digit wrong"),
    ("1HGCM82O33A004352", "Honda", "2003", State.TYPO, "O is never in a VIN"),
    ("IHGCM8Q633A004352", "Honda", "2003", State.TYPO, "I Q are never"),
    ("1HGCM82633A00435", "Honda", "2003", State.PARTIAL, "only the first 16 of 17"),
    ("1HGCM82633A", "Honda", "2003", State.PARTIAL, "only the first 11 of 17"),
    ("1HGCM82633", "Honda", "2003", State.TYPO, "10 characters, a VIN has 17"),
    ("1HGCM82633A0043522", "Honda", "2003", State.TYPO, "18 characters"),
    ("1HGCM82633A004352", "Toyota", "2003", State.MISMATCH, "number says Honda"),
    ("1HGCM82633A004352", "Honda", "2004", State.MISMATCH, "number says 2003"),
    ("2FMZA514XXB", "Ford", "2003", State.MISMATCH, "number says 1999"),
    ("1HGCM82633A004352", "Hnoda", "2003", State.OK, "make Honda right"),
    ("1HGCM82633A004352", "", "", State.OK, "model year 2003"),
    ("WVWZZZ1KZAW000001", "VW", "2010", State.OK, "make Volkswagen right"),
    ("WVWZZZ1KZAW000001", "VW", "2012", State.OK, "not binding there"),
    ("WVWZZZ1KZ0W000001", "VW", "2012", State.OK, "make Volkswagen right"),
    ("WVWZZZ1KZAW000001", "Skoda", "2010", State.MISMATCH, "number says Volkswagen"),
    ("SB9ZZZ1KZ0W000001", "Morgan", "2012", State.OPEN, "maker not known"),
    ("1C4RJFAG8FC000001", "Dodge", "2015", State.OK, "make Dodge right"),
    ("1C4RJFAG9FC000001", "Dodge", "2015", State.TYPO, "check digit wrong"),
    ("", "Honda", "2003", State.NONE, ""),
    (None, None, None, State.NONE, ""),
    ("   ", None, None, State.NONE, ""),
]


@pytest.mark.parametrize(("vin", "make", "year", "state", "words"), CASES)
def test_verdict(vin: str | None, make: str | None, year: str | None, state: State, words: str) -> None:
    verdict = judge(vin, make, year)
    assert verdict.state is state
    assert words in verdict.words


@pytest.mark.parametrize(
    ("stated", "make", "same"),
    [
        ("VW", "Volkswagen", True),
        ("chevy", "Chevrolet", True),
        ("MERCEDES", "Mercedes-Benz", True),
        ("mercedes benz", "Mercedes-Benz", True),
        ("Merc", "Mercury", True),
        ("Citroën", "Citroen", True),
        ("Škoda", "Skoda", True),
        ("GM", "Cadillac", True),
        ("Toyotta", "Toyota", True),
        ("Toyoat", "Toyota", True),
        ("Seat", "Fiat", False),
        ("Kia", "KTM", False),
        ("Toyota", "Lexus", False),
        ("", "Toyota", False),
    ],
)
def test_same_make(stated: str, make: str, same: bool) -> None:
    assert same_make(stated, make) is same


def test_makers_share_beginnings() -> None:
    assert set(makers_of("1C4RJFAG8FC000001")) == {"Chrysler", "Dodge", "Jeep"}
    assert makers_of("JTHBK1GG") == ("Lexus",)
    assert makers_of("999") == ()


@pytest.mark.parametrize(
    ("vin", "years"),
    [
        ("1HGCM82633A", (2003,)),
        ("1FTEW1EG3FK", (2015,)),
        ("LSVAA49J132", (2033, 2003)),
        ("WVWZZZ1KZAW", (2010, 1980)),
        ("1HGCM8263UA", ()),
    ],
)
def test_position_seven_decides_in_north_america_only(vin: str, years: tuple[int, ...]) -> None:
    assert model_years(vin) == years


@given(st.integers(1980, 2039))
def test_year_letters_come_round_after_thirty_years(year: int) -> None:
    assert year_letter(year) == year_letter(year + 30)
    place = "7" if year < 2010 else "A"
    assert model_years(f"1HGCM8{place}63{year_letter(year)}A") == (year,)


@given(st.text(SIGNS, min_size=16, max_size=16), st.integers(0, 16), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_found(sixteen: str, place: int, other: str) -> None:
    """Weights and values are not zero modulo 11, so a change to a sign of another value shows in the digit."""
    open_vin = "1" + sixteen[1:8] + "0" + sixteen[8:]
    vin = open_vin[:8] + check_digit(open_vin) + open_vin[9:]
    assert judge(vin, None, None).state is not State.TYPO
    changed = vin[:place] + other + vin[place + 1 :]
    if changed[0] in "12345" and check_digit(changed) != changed[8]:
        assert judge(changed, None, None).state is State.TYPO


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=10))
def test_anything_gets_a_verdict(vin: str, make: str, year: str) -> None:
    verdict = judge(vin, make, year)
    assert (verdict.state is State.NONE) == (normal(vin) == "")
    assert badge(Vehicle(vin=vin, make=make, year=year)).text == verdict.state.value
