"""What stands in a report, before it is a page or a text. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from mechtui.formatting import day_and_time, money, one_line, removed_words, running, sentence, type_name
from mechtui.models import Intake, Report, Session, Summary, TimelineEvent
from mechtui.timeline import what_happened

Fact = tuple[str, str]


@dataclass(frozen=True)
class Section:
    """A heading with facts, paragraphs or steps under it; a step is when, how long after the one before, and what."""

    title: str
    facts: tuple[Fact, ...] = ()
    paragraphs: tuple[str, ...] = ()
    steps: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Document:
    """A report: the shop, a title, what it is about, its sections, and when it was made."""

    shop: str
    title: str
    about: str
    sections: tuple[Section, ...]
    total: Fact | None
    footer: str
    made_at: datetime


def document_of(report: Report, zone: tzinfo) -> Document:
    """Arrange a report for the customer; times are told in `zone`. All of it is safe text if the report is."""
    session, intake = report.session, report.intake
    price = session.plan.price_cents if session.plan else None
    return Document(
        shop=one_line(report.shop) or "Remote session",
        title="Session report",
        about=_about(session, zone),
        sections=(
            *_who(session, intake, zone),
            Section("Vehicle", _vehicle(intake, session)),
            Section("Session", _session(session, zone)),
            *(_words(report) if session.forgotten_at is None else ()),
            Section("What happened when", steps=_steps(report.events, zone)),
            *_rating(report),
        ),
        total=None if price is None else ("Price", money(price) if price else "free of charge"),
        footer=f"Session {one_line(session.id)}, report of {_when(report.made_at, zone)}",
        made_at=report.made_at,
    )


def _when(at: datetime, zone: tzinfo) -> str:
    return f"{day_and_time(at, zone).strip()[:-6]} {at.astimezone(zone):%Y, %H:%M %Z}".rstrip()


def _about(session: Session, zone: tzinfo) -> str:
    name, label = one_line(session.customer_name), one_line(session.vehicle.label)
    day = _when(session.ended_at or session.created_at, zone).partition(",")[0]
    return ", ".join(part for part in (name, label, day) if part)


def _given(*facts: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple((label, one_line(value)) for label, value in facts if value and value.strip())


def _customer(intake: Intake) -> tuple[Fact, ...]:
    return _given(("Name", intake.name), ("Phone", intake.phone), ("E-mail", intake.email), ("City", intake.city))


def _who(session: Session, intake: Intake, zone: tzinfo) -> tuple[Section, ...]:
    """The customer; of one who was forgotten that he was, and when."""
    if session.forgotten_at is None:
        return (Section("Customer", _customer(intake)),)
    return (Section("Customer", paragraphs=(sentence(removed_words(session.forgotten_at, zone)),)),)


def _words(report: Report) -> tuple[Section, ...]:
    """What the customer and the mechanic wrote."""
    return (Section("What you told us", paragraphs=_told(report.intake)), *_work(report.summary))


def _vehicle(intake: Intake, session: Session) -> tuple[Fact, ...]:
    drivable = {True: "yes", False: "no", None: None}[intake.drivable]
    return _given(
        ("Vehicle", session.vehicle.label or "not given"),
        ("VIN", intake.vin),
        ("Plate", intake.plate),
        ("Odometer", intake.odometer),
        ("Drivable", drivable),
    )


def _session(session: Session, zone: tzinfo) -> tuple[Fact, ...]:
    begun, over, plan = session.started_at, session.ended_at, session.plan
    return _given(
        ("Kind", type_name(session.type)),
        ("Mechanic", session.mechanic.name if session.mechanic else None),
        ("Requested", _when(session.created_at, zone)),
        ("Began", _when(begun, zone) if begun else None),
        ("Ended", _when(over, zone) if over else None),
        ("Length", f"{running((over - begun).total_seconds())} (min:s)" if begun and over else None),
        ("Booked", f"{plan.name}, {plan.minutes} minutes" if plan else None),
    )


def _told(intake: Intake) -> tuple[str, ...]:
    earlier = tuple(f"Service history: {one_line(item)}" for item in intake.history if item.strip())
    files = ", ".join(one_line(file.name) for file in intake.files)
    return (intake.concern, *earlier, *([f"Files sent: {files}"] if files else []))


def _work(summary: Summary | None) -> tuple[Section, ...]:
    if summary is None:
        return (Section("What we found", paragraphs=("The mechanic has not written his summary yet.",)),)
    return (
        Section("What we found", paragraphs=(summary.findings,)),
        Section("What we did", paragraphs=(summary.steps_taken,)),
        Section("Parts needed", paragraphs=(summary.parts_needed or "None.",)),
        Section("What to do next", paragraphs=(summary.next_steps,)),
    )


def _steps(events: tuple[TimelineEvent, ...], zone: tzinfo) -> tuple[tuple[str, str, str], ...]:
    """Each step with the time since the one before. Why somebody gave it back is the shop's own affair."""
    steps: list[tuple[str, str, str]] = []
    before: datetime | None = None
    for event in events:
        after = f"+{running((event.at - before).total_seconds())}" if before else ""
        before = event.at
        who = one_line(event.mechanic.name) if event.mechanic else event.actor
        steps.append((day_and_time(event.at, zone).strip(), after, f"{what_happened(event.kind)} ({who})"))
    return tuple(steps)


def _rating(report: Report) -> tuple[Section, ...]:
    if report.review is None:
        return ()
    words = f"{report.review.rating} of 5"
    comment = (report.review.comment or "").strip()
    return (Section("Your rating", paragraphs=(words, *([comment] if comment else []))),)
