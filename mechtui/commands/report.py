"""`mechtui report`: the report of a completed session as a file, or on standard output."""

import argparse
import sys
from pathlib import Path

from mechtui.api_client import MechanicClient
from mechtui.clock import Clock
from mechtui.exits import CommandError, Exit
from mechtui.report import Form, file_name, make
from mechtui.saving import save_new, write_new
from mechtui.text import SafeText


async def report(client: MechanicClient, options: argparse.Namespace) -> int:
    """Save it under the name given, which is never written over, else under one of its own in this folder."""
    form, zone = Form(options.format), Clock().zone
    told = await client.report(options.id)
    content = make(told, form, zone)
    if options.output == "-":
        sys.stdout.buffer.write(content)
        return Exit.DONE
    try:
        print(SafeText(str(_saved(options.output, file_name(told, form, zone), content))))
    except OSError as error:
        raise CommandError(f"the report is not saved: {error.strerror}: {error.filename}", Exit.REFUSED) from error
    return Exit.DONE


def _saved(output: str | None, name: str, content: bytes) -> Path:
    if output is None:
        return save_new(Path(), name, content)
    write_new(Path(output), content)
    return Path(output)
