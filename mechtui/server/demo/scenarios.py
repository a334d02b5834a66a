"""What the demo knows of the world: problems, vehicles and people, read from the TOML files beside this module."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mechtui.models import SessionType

_MODERN_FROM = 2010


@dataclass(frozen=True)
class Problem:
    """One trouble as a customer writes it, and what a mechanic makes of it.

    `fits` are the tags a vehicle must have; `minutes` is the usual length of a session about it.
    """

    type: SessionType
    fits: frozenset[str]
    say: str
    minutes: int
    findings: str
    steps: str
    next: str
    rating: int
    comment: str
    urgent: bool = False
    drivable: bool | None = None
    parts: str | None = None
    history: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """One make and model over the years in which its `wmi`, `vds` and `plant` are right."""

    make: str
    model: str
    first_year: int
    last_year: int
    wmi: str
    vds: str
    plant: str
    tags: frozenset[str]


@dataclass(frozen=True)
class Customer:
    """Somebody who may have a problem."""

    name: str
    email: str
    phone: str
    city: str


@cache
def problems() -> tuple[Problem, ...]:
    """All problems, in the order of the file."""
    return tuple(_problem(entry) for entry in _read("problems.toml")["problem"])


@cache
def models() -> tuple[Model, ...]:
    """All vehicles, in the order of the file."""
    return tuple(_model(entry) for entry in _read("vehicles.toml")["vehicles"])


@cache
def customers() -> tuple[Customer, ...]:
    """All people, in the order of the file."""
    return tuple(Customer(**entry) for entry in _read("people.toml")["people"])


def fitting_models(problem: Problem) -> list[Model]:
    """The vehicles this problem can happen to."""
    return [model for model in models() if problem.fits <= model.tags]


def _problem(entry: dict[str, Any]) -> Problem:
    lists = {name: tuple(entry.get(name, ())) for name in ("history", "photos")}
    return Problem(**entry | lists | {"type": SessionType(entry["type"]), "fits": frozenset(entry["fits"])})


def _model(entry: dict[str, Any]) -> Model:
    first, last = entry["years"]
    tags = frozenset(entry["tags"]) | ({"modern"} if first >= _MODERN_FROM else set())
    names = ("make", "model", "wmi", "vds", "plant")
    return Model(**{name: entry[name] for name in names}, first_year=first, last_year=last, tags=tags)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "data" / name).read_text(encoding="utf-8"))
