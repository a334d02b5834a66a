"""What the demo knows of the world holds together: problems, vehicles, people, VINs and photos."""

import re
from io import BytesIO
from itertools import islice
from random import Random

import pytest
from PIL import Image

from mechtui.models import SessionType
from mechtui.server.demo.photos import KINDS, SIZE, draw_photo
from mechtui.server.demo.scenarios import Problem, customers, fitting_models, models, problems
from mechtui.server.demo.vin import make_vin
from mechtui.server.demo.visits import TROUBLE_CODE, Car, car_of, visits
from mechtui.vehicle.vin import year_letter

KNOWN_VINS = ("1M8GDM9AXKP042788", "5GZCZ43D13S812715", "1HGCM82633A004352")


def is_sound(vin: str) -> bool:
    """The check digit after the letter-by-letter table of the regulation, written without the code under test."""
    table = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
    weights = "8765432X098765432"
    total = sum(table.index(sign) % 10 * (10 if w == "X" else int(w)) for sign, w in zip(vin, weights, strict=True))
    return vin[8] == "0123456789X"[total % 11]


def id_of(problem: Problem) -> str:
    return problem.say[:24]


@pytest.mark.parametrize("vin", KNOWN_VINS)
def test_the_independent_check_knows_real_numbers(vin: str) -> None:
    assert is_sound(vin)
    assert not is_sound(vin[:-1] + str((int(vin[-1]) + 1) % 10))


def test_there_are_enough_problems_and_no_two_alike() -> None:
    said = [re.sub(r"\W+", " ", problem.say.casefold()) for problem in problems()]
    assert len(said) >= 60
    assert len(set(said)) == len(said)
    assert {problem.type for problem in problems()} == set(SessionType)


def test_customers_write_in_every_way() -> None:
    texts = [problem.say for problem in problems()]
    assert any(len(text) < 25 for text in texts), "vague"
    assert any(len(text) > 240 for text in texts), "long-winded"
    assert any(text.isupper() for text in texts), "shouting"
    assert sum(problem.urgent for problem in problems()) >= 8
    assert sum(bool(TROUBLE_CODE.search(text)) for text in texts) >= 15


@pytest.mark.parametrize("problem", problems(), ids=id_of)
def test_a_problem_is_whole(problem: Problem) -> None:
    assert len({model.make + model.model for model in fitting_models(problem)}) >= 1
    assert set(problem.photos) <= set(KINDS)
    assert 1 <= problem.rating <= 5
    assert 5 <= problem.minutes <= 60
    assert problem.findings
    assert problem.steps
    assert problem.next
    assert problem.comment
    assert "scan" not in problem.photos or TROUBLE_CODE.search(problem.say), "a scan tool shows the codes of the text"


@pytest.mark.parametrize("problem", [p for p in problems() if re.search(r"[PBCU]\d{3}", p.say)], ids=id_of)
def test_every_code_in_a_text_is_well_formed(problem: Problem) -> None:
    looks_like_one = re.findall(r"\b[PBCU]\d\w*", problem.say)
    assert looks_like_one == TROUBLE_CODE.findall(problem.say)


def test_electric_vehicles_have_no_oil_to_leak() -> None:
    for problem in problems():
        if re.search(r"\boil\b|spark|misfire|clutch|coolant", problem.say, re.IGNORECASE):
            assert not any("ev" in model.tags for model in fitting_models(problem)), problem.say


def test_people_are_many_and_cannot_be_reached() -> None:
    everybody = customers()
    assert len(everybody) >= 60
    assert len({person.email for person in everybody}) == len({person.phone for person in everybody}) == len(everybody)
    assert sum(not person.name.isascii() for person in everybody) >= 15
    for person in everybody:
        assert re.fullmatch(r"[a-z.]+@example\.(com|org)", person.email)
        assert re.fullmatch(r"\(\d{3}\) 555-01\d\d", person.phone)


def test_every_vehicle_gets_a_sound_vin_in_every_year() -> None:
    assert len(models()) >= 40
    for model in models():
        for year in range(model.first_year, model.last_year + 1):
            vin = make_vin(Random(year), model.wmi, model.vds, year, model.plant)
            assert re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", vin), vin
            assert vin.startswith(model.wmi)
            assert vin[9] == year_letter(year)
            assert is_sound(vin), vin
            assert vin[6].isdigit() == (year < 2010), f"position 7 of {vin} tells the round of years"


@pytest.mark.parametrize(
    ("year", "letter"), [(1980, "A"), (1999, "X"), (2000, "Y"), (2001, "1"), (2010, "A"), (2018, "J")]
)
def test_year_letters(year: int, letter: str) -> None:
    assert year_letter(year) == letter


@pytest.mark.parametrize("kind", KINDS)
def test_photos_are_pictures_small_enough_and_the_same_for_the_same_seed(kind: str) -> None:
    first, again, other = (draw_photo(kind, Random(seed), ("P0420", "P1326")) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) <= 40_000
    with Image.open(BytesIO(first)) as image:
        image.load()
        assert (image.format, image.size) == ("JPEG", SIZE)


def test_visits_are_the_same_for_the_same_seed_and_fit() -> None:
    first, again, other = (list(islice(visits(Random(seed)), 80)) for seed in (5, 5, 6))
    assert first == again != other
    for visit in first:
        fitting = {(model.make, model.model) for model in fitting_models(visit.problem)}
        assert (visit.car.make, visit.car.model) in fitting
        assert visit.car.vin is None or is_sound(visit.car.vin.upper())
        assert "{" not in visit.concern


@pytest.mark.parametrize("seed", range(3))
def test_customers_come_back_but_not_soon_and_mostly_in_their_own_car(seed: int) -> None:
    seen = list(islice(visits(Random(seed)), 120))
    for place, visit in enumerate(seen):
        assert visit.customer not in [one.customer for one in seen[max(0, place - 24) : place]]
    own = [
        visit for visit in seen if (visit.car.make, visit.car.model, visit.car.year) == key_of(car_of(visit.customer))
    ]
    assert len(own) > 100
    for visit in own:
        car = car_of(visit.customer)
        assert (visit.car.vin or "").upper() in {"", car.vin}
        assert visit.car.plate in {None, car.plate}
        assert visit.car.odometer in {None, car.odometer}


def key_of(car: Car) -> tuple[str, str, int]:
    return car.make, car.model, car.year


def test_a_request_says_what_the_visit_says() -> None:
    visit = next(v for v in visits(Random(3)) if len(v.problem.photos) == 2)
    request = visit.request()
    assert request.concern == visit.concern
    assert request.history == visit.problem.history
    assert [upload.mime for upload in request.files] == ["image/jpeg", "image/jpeg"]
    assert request == visit.request()
