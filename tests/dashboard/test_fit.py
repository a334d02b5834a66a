"""How well a request fits, and what is said of it."""

import pytest

from mechtui.earlier import EarlierPage
from mechtui.fit import Done, Fit, Profile, fit_of
from mechtui.models import Session, Vehicle

from .support import BMW, CAMRY, KIA, OPEN, PROFILE, Shop, earlier_of

MET = EarlierPage(items=(earlier_of(1, "completed", 80, mine=True),), total=1)
SEEN = EarlierPage(items=(earlier_of(1, "completed", 80, mine=True, same_customer=False),), total=1)
OTHERS = EarlierPage(items=(earlier_of(1, "completed", 80),), total=1)


@pytest.mark.parametrize(
    ("row", "earlier", "expected"),
    [
        (CAMRY, MET, Fit(3, ("Video: 21, rated 4.6", "Toyota: 8, rated 4.9", "you know this customer"))),
        (CAMRY, SEEN, Fit(3, ("Video: 21, rated 4.6", "Toyota: 8, rated 4.9", "you know this vehicle"))),
        (CAMRY, OTHERS, Fit(2, ("Video: 21, rated 4.6", "Toyota: 8, rated 4.9"))),
        (BMW, None, Fit(0, ("Chat: 2",))),
        (KIA.model_copy(update={"vehicle": Vehicle(make="Kia")}), None, Fit(0, ("Kia: none yet",))),
    ],
)
def test_the_reasons_are_what_he_has_done(row: Session, earlier: EarlierPage | None, expected: Fit) -> None:
    assert fit_of(row, PROFILE, earlier) == expected


def test_a_poor_rating_takes_its_point() -> None:
    assert fit_of(CAMRY, Profile(types={"video": Done(jobs=9, rating=3.0)}), None).score == 0


def test_how_well_is_told_in_words() -> None:
    assert [Fit(score, ()).words for score in range(4)] == ["seldom done", "fits", "fits well", "fits well"]


async def test_the_preview_says_how_it_fits() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(120, 36)) as pilot:
        await shop.ready(pilot)
        await shop.until(pilot, lambda: "fits well   Video: 21, rated 4.6" in shop.screen_text)
