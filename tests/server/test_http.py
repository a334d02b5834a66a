"""The HTTP routes: what is answered, to whom, and what nobody is told."""

import asyncio
import base64
import json
import uuid
from typing import Any

from pydantic import BaseModel

from mechtui.frames import Snapshot
from mechtui.models import Accepted, Changed, Health, HistoryRow, Intake, Me, Page, Session, SessionDetail, Submitted
from mechtui.server.db.engine import engine_of
from tests.server.live import Shop
from tests.server.support import HandClock

FULL = {
    "type": "diagnostic", "plan": "diagnostic60", "urgent": True, "name": "Zoë  O'Neil ", "email": "zoe@example.com",
    "phone": "+1 555 0101", "city": "São Paulo", "year": "2018", "make": "Toyota", "model": "Camry",
    "vin": "4T1B11HKXJU123456", "plate": "8ABC123", "odometer": "142,310 km",
    "concern": " Stalls\nat 65 \x1b[31m! \x00",
    "drivable": False, "history": ["2025: plugs", ""],
    "files": [{"name": "dash.jpg", "mime": "image/jpeg", "data": base64.b64encode(b"\xff\xd8\x00jpeg").decode()}],
}  # fmt: skip

MECHANIC_READS = [
    "/api/mechanic/me",
    "/api/mechanics/requests",
    "/api/mechanic/active-sessions",
    "/api/mechanic/completed-sessions",
    "/api/mechanic/all-history",
    "/api/mechanic/snapshot",
]


def strict(model: type[BaseModel], body: Any) -> None:
    """The body is what the model says, with no field more and none less."""
    parsed = model.model_validate(body)
    assert _same_shape(json.loads(parsed.model_dump_json()), body), body


def _same_shape(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same_shape(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same_shape, left, right))
    return True


async def test_every_answer_is_its_model_to_the_field(shop: Shop) -> None:
    submitted = await shop.call("POST", "/api/intakes", shop.desk.token, FULL)
    strict(Submitted, submitted.json())
    session_id = submitted.json()["session"]["id"]
    customer = submitted.json()["customer_token"]
    strict(Page[Session], (await shop.get("/api/mechanics/requests?status=pending")).json())
    accepted = await shop.accept(session_id)
    strict(Accepted, accepted.json())
    strict(Changed, (await shop.act(session_id, "join", customer)).json())
    strict(Changed, (await shop.act(session_id, "join", shop.ann.token)).json())
    reads: dict[str, type[BaseModel]] = {
        "/api/health": Health,
        "/api/mechanic/me": Me,
        "/api/mechanic/active-sessions": Page[Session],
        "/api/mechanic/completed-sessions": Page[Session],
        "/api/mechanic/all-history": Page[HistoryRow],
        "/api/mechanic/snapshot": Snapshot,
        f"/api/sessions/{session_id}": SessionDetail,
        f"/api/sessions/{session_id}/intake": Intake,
    }
    for path, model in reads.items():
        strict(model, (await shop.get(path)).json())


async def test_text_comes_back_exactly_as_submitted(shop: Shop) -> None:
    submitted = (await shop.call("POST", "/api/intakes", shop.desk.token, FULL)).json()
    session_id = submitted["session"]["id"]
    await shop.accept(session_id)
    intake = (await shop.get(f"/api/sessions/{session_id}/intake")).json()
    assert {name: intake[name] for name in FULL if name != "files"} == {k: v for k, v in FULL.items() if k != "files"}
    file = intake["files"][0]
    assert (file["name"], file["mime"], file["bytes"]) == ("dash.jpg", "image/jpeg", 7)
    content = await shop.get(f"/api/sessions/{session_id}/files/{file['id']}")
    assert content.content == b"\xff\xd8\x00jpeg"
    assert content.headers["content-type"] == "application/octet-stream"
    assert content.headers["content-disposition"].startswith("attachment")


async def test_contact_details_only_for_the_holder(shop: Shop) -> None:
    session_id = await shop.submit(email="jo@example.com", phone="555 0101")
    path = f"/api/sessions/{session_id}/intake"
    before = (await shop.get(path)).json()
    assert (before["email"], before["phone"], before["contact_hidden"]) == (None, None, True)
    await shop.accept(session_id)
    after = (await shop.get(path)).json()
    assert (after["email"], after["phone"], after["contact_hidden"]) == ("jo@example.com", "555 0101", False)
    for listing in ("requests", "x"):
        found = await shop.get(f"/api/mechanics/requests?q=jo@example.com&status=pending#{listing}")
        assert found.json()["items"] == []


async def test_a_held_session_is_404_to_others_on_every_path(shop: Shop) -> None:
    session_id = await shop.submit(files=[{"name": "a", "data": "aGk="}])
    file_id = (await shop.get(f"/api/sessions/{session_id}/intake")).json()["files"][0]["id"]
    await shop.accept(session_id)
    other_customer = shop.customers[await shop.submit()]
    for token in (shop.bob.token, other_customer):
        for path in ("", "/intake", f"/files/{file_id}"):
            answer = await shop.get(f"/api/sessions/{session_id}{path}", token)
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        for verb in ("join", "end"):
            assert (await shop.act(session_id, verb, token)).status_code == 404
    assert (await shop.act(session_id, "release", shop.bob.token)).status_code == 404
    assert (await shop.act(session_id, "cancel", other_customer)).status_code == 404
    for path in MECHANIC_READS:
        assert session_id not in (await shop.get(path, shop.bob.token)).text


async def test_the_page_is_there_only_while_the_session_is_open_to_its_reader(shop: Shop) -> None:
    session_id = await shop.submit(type="chat")
    assert (await shop.get(f"/api/sessions/{session_id}")).json()["session"]["url"] is None
    accepted = (await shop.accept(session_id)).json()["session"]
    assert accepted["url"] == f"https://shop.example/chat/{session_id}"
    ended = (await shop.act(session_id, "end", shop.ann.token)).json()["session"]
    assert ended["url"] is None


async def test_401_comes_before_everything_else(shop: Shop) -> None:
    revoked = "mtm_nobody"
    paths = [*MECHANIC_READS, "/api/sessions/x", "/api/sessions/x/intake", "/api/nothing/here"]
    for token in (None, revoked):
        for path in paths:
            answer = await shop.call("GET", path, token)
            assert (answer.status_code, answer.json()["code"]) == (401, "SIGNED_OUT")
        for path in ("/api/intakes", "/api/mechanic/accept", "/api/sessions/x/end"):
            answer = await shop.http.post(path, content="{nonsense", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "SIGNED_OUT")


async def test_each_kind_of_token_may_its_own(shop: Shop) -> None:
    session_id = await shop.submit()
    customer = shop.customers[session_id]
    for token in (shop.desk.token, customer):
        for path in MECHANIC_READS:
            answer = await shop.get(path, token)
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert (await shop.accept(session_id, token)).status_code == 403
        assert (await shop.act(session_id, "release", token)).status_code == 403
    for token in (shop.ann.token, customer):
        submitted = await shop.call("POST", "/api/intakes", token, {"type": "chat", "name": "x", "concern": "y"})
        assert submitted.status_code == 403
    for verb, body in (("cancel", {}), ("rate", {"rating": 5})):
        assert (await shop.act(session_id, verb, shop.ann.token, **body)).status_code == 403


async def test_a_write_needs_a_key(shop: Shop) -> None:
    session_id = await shop.submit()
    headers = {"Authorization": f"Bearer {shop.ann.token}"}
    for key in ({}, {"Idempotency-Key": "not a uuid"}):
        answer = await shop.http.post("/api/mechanic/accept", json={"requestId": session_id}, headers=headers | key)
        assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


async def test_the_same_key_gets_the_same_answer(shop: Shop) -> None:
    key = str(uuid.uuid4())
    wish = {"type": "chat", "name": "Jo", "concern": "rattles"}
    first = await shop.call("POST", "/api/intakes", shop.desk.token, wish, Idempotency_Key=key)
    again = await shop.call(
        "POST", "/api/intakes", shop.desk.token, dict(reversed(list(wish.items()))), Idempotency_Key=key
    )
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await shop.call("POST", "/api/intakes", shop.desk.token, wish | {"name": "Kim"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    reader = engine_of(shop.database).open_reader()
    stored = [reader.execute(f"SELECT * FROM {table}").fetchall() for table in ("idempotency", "sessions", "intakes")]
    reader.close()
    assert first.json()["customer_token"] not in str(stored)


async def test_a_repeated_submit_gets_a_token_that_works_however_it_is_spelt(shop: Shop) -> None:
    key = str(uuid.uuid4())
    wish = {"type": "chat", "name": "Jo", "concern": "rattles"}
    await shop.call("POST", "/api/intakes", shop.desk.token, wish, Idempotency_Key=key)
    spelt = {"Authorization": f"bearer  {shop.desk.token}", "Idempotency-Key": key.upper()}
    again = (await shop.http.post("/api/intakes", json=wish, headers=spelt)).json()
    cancelled = await shop.act(again["session"]["id"], "cancel", again["customer_token"])
    assert cancelled.status_code == 200


async def test_the_same_key_at_once_is_carried_out_once(shop: Shop) -> None:
    session_id = await shop.submit()
    key = str(uuid.uuid4())
    answers = await asyncio.gather(
        *(
            shop.call("POST", "/api/mechanic/accept", shop.ann.token, {"requestId": session_id}, Idempotency_Key=key)
            for _ in range(12)
        )
    )
    said = {answer.json().get("code", "won") for answer in answers}
    assert said <= {"won", "IN_FLIGHT"}
    assert "won" in said
    events = (await shop.get(f"/api/sessions/{session_id}")).json()["events"]
    assert [event["kind"] for event in events] == ["created", "accepted"]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"type": "phone"}, "type"),
    ({"name": "  "}, "name"),
    ({"concern": ""}, "concern"),
    ({"name": None}, "name"),
    ({"colour": "red"}, "colour"),
    ({"urgent": "perhaps"}, "urgent"),
    ({"concern": "x" * 20_001}, "concern"),
    ({"name": "x" * 2_001}, "name"),
    ({"vin": "x" * 2_001}, "vin"),
    ({"files": [{"name": "a", "data": "x" * 12_000_000}]}, "files.0.data"),
    ({"files": [{"name": "a", "data": "AA=="}] * 13}, "files"),
]


async def test_what_is_not_understood_is_named(shop: Shop) -> None:
    for change, field in MISTAKES:
        wish = {"type": "chat", "name": "Jo", "concern": "rattles"} | change
        answer = await shop.call("POST", "/api/intakes", shop.desk.token, wish)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), field
        assert field in [problem["field"] for problem in answer.json()["fields"]]


async def test_a_body_that_is_no_wish_is_refused(shop: Shop) -> None:
    for raw in (b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"type":"chat","name":"\\ud800","concern":"x"}'):
        headers = {
            "Authorization": f"Bearer {shop.desk.token}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        answer = await shop.http.post("/api/intakes", content=raw, headers=headers)
        assert answer.status_code in {400, 422}, raw
        assert answer.json()["code"] == "INVALID", raw


async def test_long_text_is_taken(shop: Shop) -> None:
    session_id = await shop.submit(concern="ß" * 20_000, name="n" * 2_000)
    session = (await shop.get(f"/api/sessions/{session_id}")).json()["session"]
    assert (session["concern"], session["customer_name"]) == ("ß" * 20_000, "n" * 2_000)


async def test_a_body_beyond_all_measure_is_not_read(shop: Shop) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.backend_port)
    head = f"POST /api/intakes HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shop.desk.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {10**10}\r\n\r\n".encode())
    try:
        assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_another_version_of_the_protocol_is_told(shop: Shop) -> None:
    answer = await shop.call("GET", "/api/mechanic/me", shop.ann.token, Mechtui_Api="99")
    assert (answer.status_code, answer.json()["code"]) == (426, "TOO_OLD")


async def test_what_is_no_version_of_the_protocol_does_no_harm(shop: Shop) -> None:
    for spoken, status in (("9" * 5000, 426), ("\xb2", 200), ("01", 200), ("one", 200)):
        headers = {b"Authorization": b"Bearer " + shop.ann.token.encode(), b"Mechtui-Api": spoken.encode("latin-1")}
        answer = await shop.http.get("/api/mechanic/me", headers=headers)
        assert answer.status_code == status, spoken
        assert len(answer.content) < 1000, spoken


async def test_a_body_that_is_no_json_is_refused_also_where_none_is_wanted(shop: Shop) -> None:
    session_id = await shop.submit()
    for body in (b"\xff\xfe", b'{"a":1}b', b"[" * 100_000, b"9" * 5000):
        headers = {"Authorization": f"Bearer {shop.ann.token}", "Idempotency-Key": str(uuid.uuid4())}
        answer = await shop.http.post(f"/api/sessions/{session_id}/join", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), body[:20]


async def test_unknown_paths_and_methods_have_codes(shop: Shop) -> None:
    assert (await shop.get("/api/nothing")).json()["code"] == "NOT_FOUND"
    assert (await shop.call("DELETE", "/api/intakes", shop.ann.token)).json()["code"] == "METHOD_NOT_ALLOWED"


async def test_pages_go_by_key(slow_shop: Shop, hand_clock: HandClock) -> None:
    ids = []
    for number in range(7):
        ids.append(await slow_shop.submit(urgent=number == 5))
        hand_clock.forward(1)
    expected = [ids[5], *ids[:5], ids[6]]
    seen: list[str] = []
    path = "/api/mechanics/requests?status=pending&limit=3"
    page = (await slow_shop.get(path)).json()
    await slow_shop.submit(urgent=True)
    while True:
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        page = (await slow_shop.get(f"{path}&cursor={page['next_cursor']}")).json()
    assert seen == expected
    assert page["total"] == 8


WRONG_LISTS = ["limit=0", "limit=101", "cursor=nonsense", "cursor=W10=", "type=phone"]
WRONG_MOMENTS = ["from=then", "from=0", "to=1e9", "from=2026-03-02T09:00:05", "to=0001-01-01T00:00:00%2B01:00"]


async def test_a_list_asked_wrongly_is_refused(shop: Shop) -> None:
    for query in (*WRONG_LISTS, *WRONG_MOMENTS):
        answer = await shop.get(f"/api/mechanics/requests?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), query


FOUND: list[tuple[str, set[str]]] = [
    ("q=CAMRY", {"camry"}),
    ("q=cam 2018", {"camry"}),
    ("q=stalls camry", {"camry"}),
    ("q=rattles camry", set()),
    ("q=muller", {"umlaut"}),
    ("q=100%25", set()),
    ("q=8abc", {"camry"}),
    ("type=chat", {"umlaut"}),
    ("from=2026-03-02T09:00:05Z", {"umlaut"}),
    ("to=2026-03-02T09:00:05Z", {"camry"}),
    ("q=", {"camry", "umlaut"}),
]


async def test_lists_are_filtered(slow_shop: Shop, hand_clock: HandClock) -> None:
    camry = await slow_shop.submit(year="2018", make="Toyota", model="Camry", plate="8ABC123")
    hand_clock.forward(10)
    umlaut = await slow_shop.submit(type="chat", name="Jürgen Müller", concern="rattles")
    names = {camry: "camry", umlaut: "umlaut"}
    for query, found in FOUND:
        page = (await slow_shop.get(f"/api/mechanics/requests?{query}")).json()
        assert {names[item["id"]] for item in page["items"]} == found, query
        assert page["total"] == len(found), query


async def test_an_overdue_request_is_not_listed_even_before_it_is_tidied_up(
    slow_shop: Shop, hand_clock: HandClock
) -> None:
    await slow_shop.submit()
    hand_clock.forward(900)
    page = (await slow_shop.get("/api/mechanics/requests?status=pending")).json()
    assert (page["items"], page["total"]) == ([], 0)


async def test_history_tells_every_outcome_for_him(slow_shop: Shop, hand_clock: HandClock) -> None:
    outcomes: dict[str, str] = {}
    for outcome in ("completed", "cancelled", "released", "active"):
        session_id = await slow_shop.submit()
        outcomes[session_id] = outcome
        await slow_shop.accept(session_id)
        if outcome == "completed":
            await slow_shop.act(session_id, "join")
            await slow_shop.act(session_id, "join", slow_shop.ann.token)
            hand_clock.forward(600)
        if outcome in {"completed", "cancelled"}:
            await slow_shop.act(session_id, "end", slow_shop.ann.token)
        if outcome == "released":
            await slow_shop.act(session_id, "release", slow_shop.ann.token, reason="not my field")
            await slow_shop.accept(session_id, slow_shop.bob.token)
        hand_clock.forward(1)
    page = (await slow_shop.get("/api/mechanic/all-history")).json()
    assert {item["id"]: item["outcome"] for item in page["items"]} == outcomes
    released = next(item for item in page["items"] if item["outcome"] == "released")
    assert (released["mechanic"], released["status"], released["url"]) == (None, "pending", None)
    counts = (await slow_shop.get("/api/mechanic/me")).json()["counts"]
    assert counts == {"incoming": 0, "active": 1, "completed": 1, "history": 4}


async def test_openapi_lists_every_route(shop: Shop) -> None:
    paths = (await shop.call("GET", "/openapi.json", None)).json()["paths"]
    assert set(paths) == {
        "/api/health",
        "/api/intakes",
        "/api/mechanic/accept",
        "/api/mechanic/active-sessions",
        "/api/mechanic/all-history",
        "/api/mechanic/completed-sessions",
        "/api/mechanic/me",
        "/api/mechanic/profile",
        "/api/mechanic/snapshot",
        "/api/mechanic/stats",
        "/api/mechanic/availability",
        "/api/mechanic/colleagues",
        "/api/mechanics/requests",
        "/api/sessions/{session_id}",
        "/api/sessions/{session_id}/cancel",
        "/api/sessions/{session_id}/earlier",
        "/api/sessions/{session_id}/end",
        "/api/sessions/{session_id}/files/{file_id}",
        "/api/sessions/{session_id}/files/{file_id}/thumb",
        "/api/sessions/{session_id}/intake",
        "/api/sessions/{session_id}/join",
        "/api/sessions/{session_id}/rate",
        "/api/sessions/{session_id}/report",
        "/api/sessions/{session_id}/extend",
        "/api/sessions/{session_id}/decline",
        "/api/sessions/{session_id}/pass",
        "/api/sessions/{session_id}/release",
        "/api/sessions/{session_id}/offer",
        "/api/sessions/{session_id}/summary",
        "/api/sessions/{session_id}/unpass",
        "/api/sessions/{session_id}/withdraw",
        "/api/sessions/{session_id}/take",
    }


async def test_no_answer_may_be_kept_by_a_cache(shop: Shop) -> None:
    for path in MECHANIC_READS:
        assert (await shop.get(path)).headers["cache-control"] == "no-store"
