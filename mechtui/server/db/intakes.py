"""Taking in a request: customer, intake, files and session, in one transaction."""

import base64
import binascii
import json
import uuid
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from mechtui.models import FILE_BYTES_LIMIT, Code, FileUpload, Kind, SubmitRequest
from mechtui.server.clock import shifted
from mechtui.server.db import sessions
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.rows import SessionRow, vehicle_label
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from mechtui.server.thumbs import Thumb
from mechtui.text import fold

INSERT_INTAKE = (
    "INSERT INTO intakes (id, customer_id, type, plan, urgent, name, email, phone, city, year, make, model, vin, "
    "plate, odometer, concern, drivable, history, folded, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_FILE = "INSERT INTO intake_files (id, intake_id, position, name, mime, content) VALUES (?, ?, ?, ?, ?, ?)"
INSERT_THUMB = "INSERT INTO thumbs (file_id, width, height, rgb) VALUES (?, ?, ?, ?)"


def submit(tx: Tx, wish: SubmitRequest, customer_token_hash: str, thumbs: Sequence[Thumb | None] = ()) -> SessionRow:
    """Make customer, intake, files and session from what was filled in; all of it or nothing.

    `thumbs` are the small pictures of its files, in their order; those that are not there are none.
    """
    files = [_decoded(upload.data) for upload in wish.files]
    plan_code, minutes, price_cents, share = _plan(tx, wish)
    customer_id = _customer(tx, wish)
    _expire_overdue_of(tx, customer_id)
    intake_id, session_id = str(uuid.uuid4()), str(uuid.uuid4())
    tx.run(INSERT_INTAKE, intake_values(intake_id, customer_id, wish, tx.now))
    for position, (upload, content, thumb) in enumerate(zip_longest(wish.files, files, thumbs)):
        _insert_file(tx, intake_id, position, upload, content, thumb)
    try:
        tx.run(
            "INSERT INTO sessions (id, customer_id, intake_id, plan_code, type, status, urgent, created_at, "
            "expires_at, minutes, price_cents, mechanic_share_bp, customer_token_hash) "
            "VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?)",
            (session_id, customer_id, intake_id, plan_code, wish.type, wish.urgent, tx.now,
             shifted(tx.now, tx.rules.request_seconds), minutes, price_cents, share, customer_token_hash),
        )  # fmt: skip
    except ConstraintViolatedError as error:
        tx.undo()
        raise _has_open_session(tx, customer_id) from error
    row = tx.session(session_id)
    assert row is not None, "it was made in this transaction"
    return tx.emit(Kind.CREATED, row, actor="customer")


def _decoded(data: str) -> bytes:
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(422, Code.INVALID, "A file's data is not base64.") from error
    if len(content) > FILE_BYTES_LIMIT:
        raise Refusal(413, Code.TOO_LARGE, f"A file is larger than {FILE_BYTES_LIMIT // 1024 // 1024} MiB.")
    return content


def _plan(tx: Tx, wish: SubmitRequest) -> tuple[str, int, int, int]:
    """The plan asked for, else the standard one of the type: code, minutes, price, share."""
    select = "SELECT code, minutes, price_cents, mechanic_share_bp FROM plans WHERE active = 1 AND type = ? AND "
    if wish.plan is None:
        row = tx.one(select + "standard = 1", (wish.type,))
        missing = f"There is no standard plan for {wish.type}; name one."
    else:
        row = tx.one(select + "code = ?", (wish.type, wish.plan))
        missing = f"There is no {wish.type} plan called {wish.plan!r}."
    if row is None:
        raise Refusal(422, Code.INVALID, missing)
    return row[0], row[1], row[2], row[3]


def _customer(tx: Tx, wish: SubmitRequest) -> str:
    """The customer with this e-mail, else with this phone, else a new one."""
    email, phone = email_key(wish.email), phone_key(wish.phone)
    row = tx.one("SELECT id FROM customers WHERE email_key = ?", (email,)) if email else None
    if row is None and phone:
        row = tx.one("SELECT id FROM customers WHERE phone_key = ? ORDER BY created_at DESC LIMIT 1", (phone,))
    if row is None:
        customer_id = str(uuid.uuid4())
        tx.run(
            "INSERT INTO customers (id, name, email_key, phone_key, created_at) VALUES (?, ?, ?, ?, ?)",
            (customer_id, wish.name, email, phone, tx.now),
        )
        return customer_id
    customer_id = str(row[0])
    tx.run(
        "UPDATE customers SET email_key = coalesce(email_key, ?), phone_key = coalesce(phone_key, ?) WHERE id = ?",
        (email, phone, customer_id),
    )
    return customer_id


def email_key(email: str | None) -> str | None:
    """What a customer is known by of his e-mail."""
    return (email or "").strip().casefold() or None


def phone_key(phone: str | None) -> str | None:
    """What a customer is known by of his phone: its digits."""
    return "".join(c for c in phone or "" if c.isdigit() or c == "+") or None


def intake_values(intake_id: str, customer_id: str, wish: SubmitRequest, now: str) -> tuple[Any, ...]:
    """What `INSERT_INTAKE` is given, with what searching goes by."""
    label = vehicle_label(wish.year, wish.make, wish.model)
    folded = fold("\n".join(part for part in (wish.name, label, wish.plate, wish.vin, wish.concern) if part))
    return (
        intake_id, customer_id, wish.type, wish.plan, wish.urgent, wish.name, wish.email, wish.phone, wish.city,
        wish.year, wish.make, wish.model, wish.vin, wish.plate, wish.odometer, wish.concern, wish.drivable,
        json.dumps(wish.history), folded, now,
    )  # fmt: skip


def _insert_file(
    tx: Tx, intake_id: str, position: int, upload: FileUpload, content: bytes, thumb: Thumb | None
) -> None:
    file_id = str(uuid.uuid4())
    tx.run(
        INSERT_FILE,
        (file_id, intake_id, position, upload.name, upload.mime, content),
    )
    if thumb is not None:
        tx.run(INSERT_THUMB, (file_id, *thumb))


def _expire_overdue_of(tx: Tx, customer_id: str) -> None:
    row = tx.one(
        "SELECT id FROM sessions WHERE customer_id = ? AND status = 'pending' AND expires_at <= ?",
        (customer_id, tx.now),
    )
    if row is not None:
        sessions.expire(tx, str(row[0]))


def _has_open_session(tx: Tx, customer_id: str) -> Refusal:
    row = tx.one(
        "SELECT id FROM sessions WHERE customer_id = ? AND status IN ('pending', 'waiting', 'live')", (customer_id,)
    )
    assert row is not None, "only an open session of the customer can be in the way"
    return Refusal(
        409,
        Code.CUSTOMER_HAS_OPEN_SESSION,
        "This customer already has an open session; it has to end before there can be another.",
        session_id=row[0],
    )
