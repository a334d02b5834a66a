"""`mechtui export`: a list as CSV or JSON, into a new file or on standard output."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from mechtui.clock import Clock
from mechtui.commands.output import progress
from mechtui.exits import CommandError, Exit, say
from mechtui.export import Ask, ExportForm, export
from mechtui.receiving import SavingError, receiving
from mechtui.search.days import Today
from mechtui.search.syntax import parse
from mechtui.search.trouble import told
from mechtui.text import SafeText


async def export_list(ask: Ask, options: argparse.Namespace) -> int:
    """Write all that meets the query; how far it is, is told on standard error where that is a terminal."""
    query = parse(" ".join(options.query), Today(datetime.now(UTC), Clock().zone))
    form = ExportForm(options.format)
    if words := told(query.problems):
        say(words)
    if options.output == "-":
        await export(ask, query, form, sys.stdout.buffer, progress)
        return Exit.DONE
    path = Path(options.output or f"{options.which}.{form}")
    try:
        with receiving(path.parent, path.name) as received:
            count = await export(ask, query, form, received.part, progress)
    except SavingError as error:
        raise CommandError(f"nothing is exported: {error}", Exit.REFUSED) from error
    say(f"{count} sessions")
    print(SafeText(str(received.path)))
    return Exit.DONE
