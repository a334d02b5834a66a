"""The backend looks for lost sessions by itself, and says what it found."""

from mechtui.server.doctor.watch import Watch
from mechtui.server.observe import Seen, Told
from tests.doctor.conftest import Breaking
from tests.doctor.test_doctor import planted
from tests.server.live import open_shop
from tests.server.support import ShopFloor


async def test_it_counts_what_is_lost_and_tells_of_all_damage(
    database: str, history: dict[str, str], damage: Breaking
) -> None:
    planted("accepted-by-nobody", history, damage)
    told: list[Seen] = []
    shop = ShopFloor(database)
    counted: list[tuple[int, int]] = []
    await Watch(shop.store, told.append, lambda lost, of: counted.append((lost, of))).look()
    await shop.close()
    assert counted == [(1, 3)]
    assert told == [Told("damage", "accepted-by-nobody: 1; see: mechtui doctor")]


async def test_health_says_it(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.backend.watch.look()
        health = (await shop.get("/api/health")).json()
        assert (health["lost"], health["of"]) == (0, 0)


async def test_every_terminal_is_told(database: str) -> None:
    async with open_shop(database) as shop:
        await shop.submit()
        await shop.backend.watch.look()
        snapshot = (await shop.get("/api/mechanic/snapshot")).json()
        assert snapshot["audit"] == {"lost": 0, "of": 1}
