"""A customer who left a trace wherever one can."""

import secrets
from functools import partial
from typing import Any

from mechtui.models import SubmitRequest
from mechtui.server.db import completed, intakes, sessions
from mechtui.server.db.answers import Ticket
from mechtui.server.db.rows import SessionRow, own_view
from mechtui.server.thumbs import Thumb
from mechtui.server.wire import to_json
from tests.server.conftest import floor, shop
from tests.server.support import SHOP, ShopFloor

__all__ = ["floor", "shop"]

MARK = "zanzibar"
"""Stands in everything that somebody wrote who is to be forgotten."""
TRACES: dict[str, Any] = {
    "name": f"Ms {MARK}", "email": f"{MARK}@example.com", "phone": "+1 555 0100 777", "city": f"{MARK}-on-Sea",
    "make": "Toyota", "model": "Camry", "year": "2018", "vin": f"1{MARK.upper()}", "plate": f"{MARK} 1",
    "odometer": f"123456 {MARK} miles", "concern": f"{MARK} says it stalls.", "history": [f"{MARK} changed the oil."],
    "files": [{"name": f"{MARK}.txt", "mime": f"text/{MARK}", "data": "emFuemliYXI="}],
}  # fmt: skip
"""The content of the file is the mark, too."""


def said(row: SessionRow) -> str:
    """What a write is answered with."""
    return to_json({"session": own_view(row, SHOP)})


async def traced(floor: ShopFloor, **fields: Any) -> SessionRow:
    """A completed session of a customer who left a trace wherever one can; the answers were stored, too."""
    wish = SubmitRequest.model_validate({"type": "video"} | TRACES | fields)
    work = partial(
        intakes.submit, wish=wish, customer_token_hash=secrets.token_hex(32), thumbs=[Thumb(3, 1, b"zanzibar!")]
    )
    reply = await floor.store.answer(Ticket("desk:1", secrets.token_hex(8), "print"), work, said, 201)
    session_id = reply.body.partition('"id":"')[2].partition('"')[0]
    await floor.accept(floor.bob, session_id)
    await floor.store.run(lambda tx: sessions.release(tx, floor.bob, session_id, f"{MARK} is rude"))
    await floor.go_live(floor.ann, session_id)
    floor.clock.forward(600)
    await floor.end(floor.ann, session_id, f"{MARK} hung up")
    await floor.store.run(lambda tx: completed.rate(tx, session_id, 4, f"{MARK} was here"))
    told = dict.fromkeys(("findings", "steps_taken", "parts_needed", "next_steps"), f"{MARK} was told")
    return await floor.store.run(lambda tx: completed.add_summary(tx, floor.ann, session_id, **told))


async def forgotten_by_age(floor: ShopFloor) -> None:
    """Let two years pass, and have the backend's chore look once."""
    from mechtui.server.forgetting import Forgetting

    floor.clock.forward(731 * 86_400)
    await Forgetting(floor.store, 730).catch_up()
