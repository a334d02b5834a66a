"""A report as plain text, 78 cells wide. Pure."""

from mechtui.formatting import fit, wrap
from mechtui.report.document import Document, Section

WIDTH = 78
_LABEL = 12
_WHEN = 14
_AFTER = 9


def as_text(document: Document) -> str:
    """The whole report as one text."""
    lines = [document.shop, document.title, document.about]
    lines = [part for line in lines for part in wrap(line, WIDTH)]
    for section in document.sections:
        lines += ["", section.title.upper(), *_section(section)]
    if document.total is not None:
        label, amount = document.total
        lines += ["", f"{label.upper()}  {amount}"]
    return "\n".join([*lines, "", "-" * WIDTH, *wrap(document.footer, WIDTH), ""])


def _section(section: Section) -> list[str]:
    lines = [line for label, value in section.facts for line in _hanging(f"  {fit(label, _LABEL)}", value)]
    lines += [f"  {line}".rstrip() for text in section.paragraphs for line in wrap(text.strip("\n"), WIDTH - 2)]
    for when, after, what in section.steps:
        lines += _hanging(f"  {fit(when, _WHEN)}{fit(after, _AFTER, 'right')}  ", what)
    return lines


def _hanging(start: str, text: str) -> list[str]:
    """A text behind the start of its first line; its other lines stand under it."""
    first, *more = wrap(text, WIDTH - len(start))
    return [start + first, *(" " * len(start) + line for line in more)]
