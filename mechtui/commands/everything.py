"""`mechtui db export`: every session of every mechanic as CSV or JSON, for whoever has the rights to the database."""

import argparse
import sys
from pathlib import Path
from typing import BinaryIO

from mechtui.commands.output import progress
from mechtui.exits import CommandError, Exit, say
from mechtui.export import ExportForm, begin, end, lines
from mechtui.models import Session
from mechtui.receiving import SavingError, receiving
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.db.everything import pages
from mechtui.server.db.lists import one_moment
from mechtui.server.db.rows import Shop, own_view
from mechtui.server.doctor.audit import sessions
from mechtui.text import SafeText


def run(database: str, shop: Shop, options: argparse.Namespace) -> None:
    """Write it into a new file, or on standard output. Raises `CommandError`."""
    form = ExportForm(options.format)
    with engine_of(database).looking() as connection, one_moment(connection):
        if options.output == "-":
            _write(connection, shop, form, sys.stdout.buffer)
            return
        path = Path(options.output or f"sessions.{form}")
        try:
            with receiving(path.parent, path.name) as received:
                count = _write(connection, shop, form, received.part)
        except SavingError as error:
            raise CommandError(f"nothing is exported: {error}", Exit.REFUSED) from error
    say(f"{count} sessions")
    print(SafeText(str(received.path)))


def _write(connection: Connection, shop: Shop, form: ExportForm, out: BinaryIO) -> int:
    of, written = sessions(connection), 0
    out.write(begin(form))
    for rows in pages(connection):
        told = [Session.model_validate(own_view(row, shop)) for row in rows]
        out.write(lines(form, told, first=written == 0))
        written += len(told)
        progress(written, of)
    out.write(end(form))
    return written
