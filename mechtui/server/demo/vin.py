"""Vehicle identification numbers that hold water: maker, model year and check digit are right."""

from random import Random

from mechtui.vehicle.vin import check_digit, year_letter


def make_vin(rng: Random, wmi: str, vds: str, year: int, plant: str) -> str:
    """A whole number of 17 characters for a vehicle of this maker, kind, model year and plant."""
    serial = rng.randrange(100_000, 900_000)
    open_vin = f"{wmi}{vds}0{year_letter(year)}{plant}{serial}"
    return open_vin[:8] + check_digit(open_vin) + open_vin[9:]
