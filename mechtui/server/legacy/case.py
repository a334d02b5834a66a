"""What one session of ours is made of: several old rows become one case, whole or not at all."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from mechtui.models import RateRequest, SubmitRequest, SummaryRequest
from mechtui.server.legacy.damage_accounts import urgencies
from mechtui.server.legacy.damage_ends import mechanics_known
from mechtui.server.legacy.damage_rest import reviews_of
from mechtui.server.legacy.kinds import Damage
from mechtui.server.legacy.people import customer_id_of, mechanic_id_of
from mechtui.server.legacy.plans_of_old import TYPES, OldPlan, minutes_of, plan_of
from mechtui.server.legacy.shape import Shape, UnclearError, shape_of
from mechtui.server.legacy.tables import Ref, Row

NO_INTAKE = "(no intake on record)"
NO_WORDS = "(no description)"
_AS_SUBMITTED = ("email", "phone", "city", "year", "make", "model", "plate", "odometer")
_NAMESPACE = uuid.UUID("3f0c7a52-6d0e-5a58-9c0a-2f6f0b6a4d11")


def made_id(*parts: str) -> str:
    """An id of ours for what had none, the same each time."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


@dataclass(frozen=True)
class OldFile:
    """A file by its path in the old store, or `words` that are its content."""

    name: str
    mime: str | None
    path: str | None = None
    words: str | None = None
    ref: Ref | None = None


@dataclass(frozen=True)
class Review:
    """The customer's verdict; when is not always known."""

    said: RateRequest
    at: datetime


@dataclass(frozen=True)
class Case:
    """One session, ready to be written; made of `rows`, while those `aside` are not moved."""

    id: str
    intake_id: str
    customer_id: str
    customer_name: str
    shape: Shape
    wish: SubmitRequest
    plan: OldPlan
    minutes: int
    price_cents: int
    notes: str | None
    files: tuple[OldFile, ...]
    summary: SummaryRequest | None
    summary_at: datetime | None
    review: Review | None
    rows: tuple[Ref, ...]
    aside: dict[Ref, str] = field(default_factory=dict)


@dataclass
class _Parts:
    """The old rows of one case while it is made."""

    d: Damage
    session: Row | None
    requests: list[Row]
    intake: Row | None
    rows: list[Ref]
    aside: dict[Ref, str]

    @property
    def ways(self) -> list[Row]:
        """Session and requests: whatever speaks of the session itself."""
        return [*([self.session] if self.session else []), *self.requests]


def make(d: Damage, session: Row | None, requests: list[Row], intake: Row | None, intake_id: str) -> Case:
    """The case of a session, or of a request that never had one. Raises `UnclearError`."""
    parts = _Parts(d, session, requests, intake, [], {})
    parts.rows += [row.ref for row in (*parts.ways, *([intake] if intake else []))]
    type_, plan = _type_and_plan(parts)
    shape = shape_of(d, session, requests, _mechanic(parts))
    customer_id = customer_id_of(d.old, session, requests) or made_id("customer", parts.ways[0].id)
    name = _name(parts, customer_id)
    extra = _extensions(parts)
    price = _paid(session) if session else None
    is_completed = shape.status == "completed"
    return Case(
        id=session.id if session else made_id("request", requests[0].id),
        intake_id=intake_id,
        customer_id=customer_id,
        customer_name=name,
        shape=shape,
        wish=_wish(parts, type_, plan, name),
        plan=plan,
        minutes=plan.minutes + extra,
        price_cents=plan.price_cents if price is None else price,
        notes=session["mechanic_notes"] if session else None,
        files=_files(parts),
        summary=_summary(parts, completed=is_completed),
        summary_at=session["summary_submitted_at"] if session else None,
        review=_review(parts, shape, completed=is_completed),
        rows=tuple(parts.rows),
        aside=parts.aside,
    )


def _mechanic(parts: _Parts) -> str | None:
    """Whoever has it: as the session says, else whom all else names, if that is one."""
    d, session = parts.d, parts.session
    if session is not None and session["mechanic_id"] is not None:
        return mechanic_id_of(d.old, session["mechanic_id"])
    told = {mechanic_id_of(d.old, r["mechanic_id"]) for r in parts.requests if r["mechanic_id"]}
    known = (mechanics_known(d, session) if session is not None else set()) | told
    if len(known) > 1:
        raise UnclearError("several mechanics may have it")
    return next(iter(known), None)


def _type_and_plan(parts: _Parts) -> tuple[str, OldPlan]:
    old, session = parts.d.old, parts.session
    row = parts.ways[0]
    code = row["plan"] if session else row["plan_code"]
    given = row["type"] if session else row["session_type"]
    plan = plan_of(old, code)
    type_ = given or (plan.type if plan else None)
    if type_ not in TYPES:
        raise UnclearError(f"the type {given or 'empty'}, for which there is no page")
    if plan is not None and plan.type == type_:
        return type_, plan
    price = plan.price_cents if plan else 0
    name = f"legacy-{code or 'none'}-{type_}"[:64]
    return type_, OldPlan(name, type_, name, minutes_of(old, code, type_), price)


def _paid(session: Row) -> int | None:
    paid = session["metadata"].get("amount_paid")
    return paid if isinstance(paid, int) and not isinstance(paid, bool) and 0 <= paid < 10**9 else None


def _extensions(parts: _Parts) -> int:
    rows = parts.d.old.where("session_extensions", "session_id", parts.session.id) if parts.session else []
    parts.rows += [row.ref for row in rows]
    return sum(max(row["minutes"] or 0, 0) for row in rows)


def _name(parts: _Parts, customer_id: str) -> str:
    profile = parts.d.old.get("profiles", customer_id)
    if profile is not None:
        parts.rows.append(profile.ref)
    told = [profile["full_name"] if profile else None, *(r["customer_name"] for r in parts.requests)]
    if parts.intake is not None:
        told += [parts.intake["name"], parts.intake["customer_name"]]
    return next((name for name in told if name), "Customer")


def _wish(parts: _Parts, type_: str, plan: OldPlan, name: str) -> SubmitRequest:
    intake, vehicle = parts.intake, _vehicle(parts)
    told: dict[str, Any] = {"type": type_, "plan": plan.code, "urgent": _urgent(parts), "name": name}
    if intake is not None:
        told |= {name_: intake[name_] for name_ in _AS_SUBMITTED}
        told["name"] = intake["name"] or intake["customer_name"] or name
    if vehicle is not None:
        names = {"year": "year", "make": "make", "model": "model", "plate": "plate", "odometer": "mileage"}
        told |= {ours: vehicle[theirs] for ours, theirs in names.items() if not told.get(ours)}
    vin = (intake["vin"] if intake else None) or (vehicle["vin"] if vehicle else None)
    is_vin = vin is not None and len(vin.strip()) == 17
    told["vin"] = vin.strip().upper() if vin and is_vin else None
    told["concern"] = _concern(parts) + ("" if is_vin or not vin else f"\nVIN (unverified): {vin}")
    try:
        return SubmitRequest.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise UnclearError(f"{first['loc'][0]}: {first['msg']}") from error


def _urgent(parts: _Parts) -> bool:
    said = {bool(row["is_urgent"]) for row in parts.requests}
    if parts.intake is not None:
        said.add(bool(parts.intake["urgent"]))
    return any(said | (urgencies(parts.d, parts.session) if parts.session else set()))


def _vehicle(parts: _Parts) -> Row | None:
    ids = [parts.intake["vehicle_id"] if parts.intake else None, *(r["vehicle_id"] for r in parts.requests)]
    rows = [row for row_id in ids if (row := parts.d.old.get("vehicles", row_id)) is not None]
    parts.rows += [row.ref for row in rows[:1]]
    return rows[0] if rows else None


def _concern(parts: _Parts) -> str:
    told = [parts.intake["concern"] if parts.intake else None]
    told += [words for r in parts.requests for words in (r["description"], r["notes"])]
    return next((words for words in told if words), NO_WORDS if parts.intake else NO_INTAKE)


def _files(parts: _Parts) -> tuple[OldFile, ...]:
    files = [_intake_file(told) for told in (parts.intake["files"] if parts.intake else [])]
    rows = parts.d.old.where("session_files", "session_id", parts.session.id) if parts.session else []
    for row in rows:
        if row["storage_path"] or row["transcript"]:
            name = row["file_name"] or PurePosixPath(row["storage_path"] or "transcript.txt").name
            files.append(OldFile(name[:500], row["file_type"], row["storage_path"], row["transcript"], row.ref))
    return tuple(file for file in files if file is not None)


def _intake_file(told: Any) -> OldFile | None:
    given = told if isinstance(told, dict) else {"path": told}
    path = given.get("path") or given.get("storage_path")
    if not isinstance(path, str) or not path.strip():
        return None
    name, mime = given.get("name"), given.get("type")
    shown = name if isinstance(name, str) and name.strip() else PurePosixPath(path).name or "file"
    return OldFile(shown[:500], mime if isinstance(mime, str) else None, path)


def _summary(parts: _Parts, *, completed: bool) -> SummaryRequest | None:
    row = parts.d.old.get("session_summaries", parts.session.id) if parts.session else None
    told = parts.session["summary_data"] if parts.session else {}
    if not completed or not (row or told):
        if row:
            parts.aside[row.ref] = "only a completed session has a summary"
        return None
    if row is not None:
        parts.rows.append(row.ref)
    found = _words(told.get("findings")) or (_report(row) if row else None)
    given = {name: _words(told.get(name)) or "—" for name in ("steps_taken", "next_steps")}
    try:
        return SummaryRequest(findings=found or "—", parts_needed=_words(told.get("parts_needed")), **given)
    except ValidationError as error:
        raise UnclearError(f"its summary: {error.errors()[0]['msg']}") from error


def _words(told: Any) -> str | None:
    lines = told if isinstance(told, list) else [told]
    return "\n".join(str(line) for line in lines if isinstance(line, (str, int, float)) and str(line).strip()) or None


def _report(row: Row) -> str | None:
    issues = [issue for issue in row["identified_issues"] if isinstance(issue, dict)]
    lines = [f"{issue.get('issue', '')} ({issue.get('severity', '')})" for issue in issues]
    return "\n".join(line for line in (row["customer_report"], *lines) if line) or None


def _review(parts: _Parts, shape: Shape, *, completed: bool) -> Review | None:
    if parts.session is None:
        return None
    reviews = reviews_of(parts.d, parts.session)
    for row in reviews[1:]:
        parts.aside[row.ref] = "a newer review of the session is there"
    if reviews and not completed:
        parts.aside[reviews[0].ref] = "only a completed session is rated"
    rating = reviews[0]["rating"] if reviews else parts.session["rating"]
    if not completed or rating is None:
        return None
    parts.rows += [row.ref for row in reviews[:1]]
    comment = reviews[0]["comment"] if reviews else parts.session["rating_comment"]
    try:
        said = RateRequest(rating=rating, comment=comment)
    except ValidationError as error:
        raise UnclearError(f"its rating: {error.errors()[0]['msg']}") from error
    at = (reviews[0]["created_at"] if reviews else None) or shape.ended
    assert at is not None, "what is completed has ended"
    return Review(said, max(at, shape.ended or at))
