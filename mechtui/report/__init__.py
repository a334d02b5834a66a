"""The report of a completed session, as its customer takes it home: PDF, text or JSON."""

import json
from datetime import tzinfo
from enum import StrEnum

from mechtui.models import Report
from mechtui.report.document import document_of
from mechtui.report.plain import as_text
from mechtui.saving import safe_name
from mechtui.text import safe_model


class Form(StrEnum):
    """What a report can be made as; also the ending of its file's name."""

    PDF = "pdf"
    TXT = "txt"
    JSON = "json"


def make(report: Report, form: Form, zone: tzinfo) -> bytes:
    """The content of the report's file, the same each time it is made of the same; times are told in `zone`.

    PDF and text are made of safe text; JSON has every text exactly as it was submitted, escaped.
    """
    if form is Form.JSON:
        return (json.dumps(report.model_dump(mode="json"), indent=2) + "\n").encode()
    document = document_of(safe_model(report), zone)
    if form is Form.TXT:
        return as_text(document).encode()
    from mechtui.report.pdf import as_pdf  # the fonts and their library are wanted here only, and take their time

    return as_pdf(document)


def file_name(report: Report, form: Form, zone: tzinfo) -> str:
    """A name that says whose report it is: `2026-01-22 M. Johnson 2012 Honda Civic.pdf`."""
    session = report.session
    day = f"{(session.ended_at or session.created_at).astimezone(zone):%Y-%m-%d}"
    return f"{safe_name(f'{day} {session.customer_name} {session.vehicle.label}')}.{form}"
