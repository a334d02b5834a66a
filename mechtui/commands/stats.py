"""`mechtui stats`: a mechanic's own figures as text, or as the backend's JSON."""

import argparse
from datetime import date

from mechtui.api_client import MechanicClient
from mechtui.clock import Clock
from mechtui.commands.output import print_json
from mechtui.commands.sent import LastAnswer
from mechtui.exits import CommandError, Exit
from mechtui.stats import NAMED, read_span
from mechtui.stats_lines import marks
from mechtui.text import SafeText, safe_model


async def stats(client: MechanicClient, sent: LastAnswer, options: argparse.Namespace) -> int:
    """Print the figures of the time asked for."""
    clock = Clock()
    span = read_span(options.range, _today(clock))
    if span is None:
        raise CommandError(
            f"{options.range!r} is no time; one is {', '.join(NAMED)}, or like 2026-11-01..2026-11-15", Exit.WRONG_USE
        )
    figures = await client.stats(*span.moments(clock.zone))
    if options.json:
        print_json(sent.read())
        return Exit.DONE
    print(f"{span.first} to {span.last}")
    for mark in marks(safe_model(figures), span, clock.zone, plain=False):
        print(SafeText("".join(piece.text for piece in mark.line)).rstrip())
    return Exit.DONE


def _today(clock: Clock) -> date:
    return clock.wall().astimezone(clock.zone).date()
