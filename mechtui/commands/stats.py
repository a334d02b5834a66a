"""`mechtui stats`: a mechanic's own figures as text, or as the backend's JSON."""

import argparse

from mechtui.api_client import MechanicClient
from mechtui.clock import Clock
from mechtui.commands.output import print_json
from mechtui.commands.sent import LastAnswer
from mechtui.exits import CommandError, Exit
from mechtui.search.days import Today
from mechtui.stats import NAMED, read_span
from mechtui.stats_lines import marks
from mechtui.text import SafeText, safe_model


async def stats(client: MechanicClient, sent: LastAnswer, options: argparse.Namespace) -> int:
    """Print the figures of the time asked for."""
    clock = Clock()
    today = Today(clock.wall(), clock.zone)
    span = read_span(options.range, today.date)
    if span is None:
        raise CommandError(
            f"{options.range!r} is no time; one is {', '.join(NAMED)}, or like 2026-11-01..2026-11-15", Exit.WRONG_USE
        )
    figures = await client.stats(*span.moments(clock.zone))
    if options.json:
        print_json(sent.read())
        return Exit.DONE
    print(f"{span.first} to {span.last}")
    for mark in marks(safe_model(figures), span, today, plain=False):
        print(SafeText("".join(piece.text for piece in mark.line)).rstrip())
    return Exit.DONE
