"""Vehicle identification numbers that hold water: maker, model year and check digit are right (49 CFR part 565)."""

from random import Random

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_LETTERS = "ABCDEFGHJKLMNPRSTVWXY123456789"
_FIRST_YEAR = 1980


def make_vin(rng: Random, wmi: str, vds: str, year: int, plant: str) -> str:
    """A whole number of 17 characters for a vehicle of this maker, kind, model year and plant."""
    serial = rng.randrange(100_000, 900_000)
    open_vin = f"{wmi}{vds}0{year_letter(year)}{plant}{serial}"
    return open_vin[:8] + check_digit(open_vin) + open_vin[9:]


def year_letter(year: int) -> str:
    """Position 10. The letters come round again after thirty years; position 7 tells the rounds apart."""
    return _YEAR_LETTERS[(year - _FIRST_YEAR) % len(_YEAR_LETTERS)]


def check_digit(vin: str) -> str:
    """Position 9: the weighted sum of all others, modulo 11. Raises `KeyError` for I, O and Q, which no VIN holds."""
    total = sum(
        weight * (int(sign) if sign.isdigit() else _VALUES[sign]) for sign, weight in zip(vin, _WEIGHTS, strict=True)
    )
    return "X" if total % 11 == 10 else str(total % 11)
