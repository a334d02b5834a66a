"""`mechtui doctor`: what is lost or damaged, in our database or in an old one; 1 when something is."""

import argparse

from mechtui.commands.output import print_json
from mechtui.config import ConfigError, server_settings
from mechtui.exits import CommandError, Exit
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.doctor.audit import Audit, OwnFinding, audit
from mechtui.server.doctor.repair import repair
from mechtui.text import SafeText

_SHOWN = 5


def run(options: argparse.Namespace) -> int:
    """Look through the old database if one is named, else through ours."""
    if options.source is not None:
        return _old(options)
    try:
        database = server_settings(database=options.database).database
        before, after = _repaired(database) if options.repair else (_looked(database),) * 2
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error
    except DatabaseError as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    left = {finding.kind.name for finding in after.findings}
    for finding in before.findings:
        _show(finding, repaired=finding.kind.name not in left, as_json=options.json)
    _show_sum(after, as_json=options.json)
    return Exit.REFUSED if after.findings else Exit.DONE


def _old(options: argparse.Namespace) -> int:
    if options.repair:
        raise CommandError(
            "an old database is not changed; what is safe is repaired as it is moved: mechtui import SOURCE",
            Exit.WRONG_USE,
        )
    from mechtui.commands.moving import look_through

    return look_through(options)


def _looked(database: str) -> Audit:
    with engine_of(database).looking() as connection:
        return audit(connection)


def _repaired(database: str) -> tuple[Audit, Audit]:
    _looked(database)
    return repair(database)


def _show(finding: OwnFinding, *, repaired: bool, as_json: bool) -> None:
    kind, rows = finding.kind, finding.rows
    if as_json:
        print_json({"kind": kind.name, "words": kind.words, "lost": kind.lost, "repair": kind.repair,
                    "safe": kind.safe, "repaired": repaired, "rows": list(rows)})  # fmt: skip
        return
    done = "repaired" if repaired else "mechtui doctor --repair does it" if kind.safe else "not repaired"
    print(f"{kind.name}: {kind.words}: {len(rows)} ({done})\n    {kind.repair}")
    for row in rows[:_SHOWN]:
        print(f"    - {SafeText(row)}")
    if len(rows) > _SHOWN:
        print(f"    … and {len(rows) - _SHOWN} more; --json names all")


def _show_sum(found: Audit, *, as_json: bool) -> None:
    if as_json:
        print_json({"lost": found.lost, "of": found.of, "findings": len(found.findings)})
    else:
        print(f"{found.lost} lost of {found.of}")
