"""One customer with one problem in one vehicle, drawn at random: what comes through the shop's door."""

import base64
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TypeVar

from mechtui.models import FileUpload, SubmitRequest
from mechtui.server.demo.photos import draw_photo
from mechtui.server.demo.scenarios import Customer, Model, Problem, customers, fitting_models, models, problems
from mechtui.server.demo.vin import make_vin

TROUBLE_CODE = re.compile(r"\b[PBCU][0-3][0-9A-F]{3}\b")
_PHOTO_NAMES = {"cluster": "dash", "scan": "scan_tool", "tyre": "tyre", "engine": "under_hood", "dark": "IMG"}
_THIS_YEAR = 2026
_NOT_AGAIN = 24
"""So many others come before a customer comes again."""
_MILES_A_YEAR = (7_000, 15_000)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Car:
    """A vehicle: all there is to know of it, or what its owner states on one visit."""

    year: int
    make: str
    model: str
    vin: str | None
    plate: str | None
    odometer: str | None


@dataclass(frozen=True)
class Visit:
    """Who came, in what, with which problem. `photo_seed` makes the photos."""

    customer: Customer
    car: Car
    problem: Problem
    photo_seed: int

    @property
    def concern(self) -> str:
        """The problem in the customer's words."""
        return self.problem.say.replace("{model}", self.car.model)

    @property
    def codes(self) -> tuple[str, ...]:
        """The trouble codes the customer mentions."""
        return tuple(TROUBLE_CODE.findall(self.concern))

    def request(self) -> SubmitRequest:
        """The intake as submitted, photos and all."""
        return SubmitRequest(
            type=self.problem.type,
            urgent=self.problem.urgent,
            name=self.customer.name,
            email=self.customer.email,
            phone=self.customer.phone,
            city=self.customer.city,
            year=str(self.car.year),
            make=self.car.make,
            model=self.car.model,
            vin=self.car.vin,
            plate=self.car.plate,
            odometer=self.car.odometer,
            concern=self.concern,
            drivable=self.problem.drivable,
            history=self.problem.history,
            files=tuple(self._photos()),
        )

    def _photos(self) -> Iterator[FileUpload]:
        for number, kind in enumerate(self.problem.photos):
            rng = Random(self.photo_seed + number)
            content = base64.b64encode(draw_photo(kind, rng, self.codes)).decode()
            name = f"{_PHOTO_NAMES[kind]}_{rng.randrange(100, 9999):04}.jpg"
            yield FileUpload(name=name, mime="image/jpeg", data=content)


def visits(rng: Random) -> Iterator[Visit]:
    """Visits for ever. No problem comes again before all others had their turn, and no customer soon after.

    A customer comes in his own car whenever the problem is one that it can have: so the shop knows both again.
    """
    recent: deque[Customer] = deque(maxlen=_NOT_AGAIN)
    for problem in _rounds(rng, problems()):
        others = [customer for customer in customers() if customer not in recent]
        fitting = [customer for customer in others if problem.fits <= model_of(customer).tags]
        customer = rng.choice(fitting or others)
        own = car_of(customer) if fitting else _car(rng, rng.choice(fitting_models(problem)))
        recent.append(customer)
        yield Visit(customer, _stated(rng, own), problem, rng.randrange(1 << 30))


@cache
def model_of(customer: Customer) -> Model:
    """What this customer drives, whatever the seed."""
    return Random(f"model {customer.email}").choice(models())


@cache
def car_of(customer: Customer) -> Car:
    """This customer's own car, with all that there is to state of it."""
    return _car(Random(f"car {customer.email}"), model_of(customer))


def _rounds(rng: Random, items: tuple[Item, ...]) -> Iterator[Item]:
    while True:
        yield from rng.sample(items, len(items))


def _car(rng: Random, model: Model) -> Car:
    year = rng.randint(model.first_year, model.last_year)
    vin = make_vin(rng, model.wmi, model.vds, year, model.plant)
    miles = (_THIS_YEAR - year) * rng.randint(*_MILES_A_YEAR) + rng.randrange(900)
    return Car(
        year=year,
        make=model.make,
        model=model.model,
        vin=vin,
        plate=_plate(rng),
        odometer=rng.choice((f"{miles:,} mi", f"{miles} miles", f"~{miles // 1000}k")),
    )


def _stated(rng: Random, car: Car) -> Car:
    """What is stated of a car this time: never less than the half, and most often the VIN."""
    assert car.vin is not None
    return replace(
        car,
        vin=rng.choice((car.vin, car.vin, car.vin, car.vin.lower(), None)),
        plate=rng.choice((car.plate, car.plate, None)),
        odometer=rng.choice((car.odometer, car.odometer, car.odometer, None)),
    )


def _plate(rng: Random) -> str:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
    return f"{rng.randrange(1, 10)}{letters}{rng.randrange(100, 1000)}"
