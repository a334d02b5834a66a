"""`mechtui import`: what becomes of the old database, then the doing. `mechtui doctor SOURCE`: what is wrong in it."""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing

from mechtui.commands.output import Column, print_json, print_table
from mechtui.config import ConfigError, server_settings
from mechtui.exits import CommandError, Exit, say
from mechtui.server.clock import utc_now
from mechtui.server.db.errors import DatabaseError
from mechtui.server.legacy.kinds import OldFinding
from mechtui.server.legacy.looking import findings
from mechtui.server.legacy.moving import Moved, move
from mechtui.server.legacy.plan import Becomes, Line, Plan
from mechtui.server.legacy.planning import plan_of_import
from mechtui.server.legacy.source import Source, SourceError, source_of
from mechtui.server.legacy.tables import Old, Ref, load
from mechtui.text import SafeText

_SHOWN = 5
"""So many rows of each reason are named; `--json` names all."""


def run_import(options: argparse.Namespace) -> int:
    """Show the plan, and carry it out unless it is a dry run."""
    try:
        settings = server_settings(database=options.database)
        with closing(source_of(options.source)) as source:
            plan = plan_of_import(_loaded(source), source, utc_now())
            _show_plan(plan, as_json=options.json)
            if options.dry_run:
                return _leave_it(as_json=options.json)
            moved = move(settings.database, plan, source, _progress)
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error
    except (SourceError, DatabaseError) as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    _show_moved(moved, as_json=options.json)
    return Exit.REFUSED if moved.refused else Exit.DONE


def _leave_it(*, as_json: bool) -> int:
    if not as_json:
        print("\nNothing was written: this was a dry run.")
    return Exit.DONE


def look_through(options: argparse.Namespace) -> int:
    """What is wrong in the old database; 1 when something is."""
    try:
        with closing(source_of(options.source)) as source:
            old = _loaded(source)
    except (SourceError, DatabaseError) as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    found = list(findings(old, utc_now()))
    if options.json:
        for finding in found:
            print_json(_as_json(finding))
        for ref, why in old.unreadable.items():
            print_json({"kind": "unreadable", "rows": [_name(ref)], "words": why})
    else:
        _show_findings(found)
        _show_reasons({f"cannot be read: {why}": [ref] for ref, why in old.unreadable.items()})
        print(_verdict(len(found) + len(old.unreadable), old))
    return Exit.REFUSED if found or old.unreadable else Exit.DONE


def _verdict(wrong: int, old: Old) -> str:
    rows = sum(len(rows) for rows in old.rows.values()) + len(old.unreadable)
    return f"{wrong} found in {rows} rows" if wrong else f"nothing wrong in {rows} rows"


def _loaded(source: Source) -> Old:
    return load(source, lambda table, rows: _tell(f"read {rows} rows of {SafeText(table)}"))


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        say(words)


def _progress(done: int, of: int) -> None:
    _tell(f"{done} of {of} sessions")


# --- findings -------------------------------------------------------------------------------------------------


def _as_json(finding: OldFinding) -> dict[str, object]:
    return {
        "kind": f"K{finding.kind.number}",
        "words": finding.words or finding.kind.words,
        "fate": str(finding.fate),
        "repair": finding.kind.repair,
        "rows": [_name(ref) for ref in finding.rows],
    }


def _show_findings(found: Iterable[OldFinding]) -> None:
    by_kind: dict[int, list[OldFinding]] = defaultdict(list)
    for finding in found:
        by_kind[finding.kind.number].append(finding)
    for number, same in by_kind.items():
        kind = same[0].kind
        fates = ", ".join(f"{n} {fate}" for fate, n in sorted(Counter(f.fate for f in same).items()))
        print(f"K{number} {kind.words}: {len(same)} ({fates})\n    {kind.repair}")
        for finding in same[:_SHOWN]:
            more = f": {SafeText(finding.words)}" if finding.words else ""
            print(f"    - {SafeText(' + '.join(map(_name, finding.rows)))}{more}")
        _show_more(len(same))


def _name(ref: Ref) -> str:
    return f"{ref.table} {ref.id}"


def _show_more(number: int) -> None:
    if number > _SHOWN:
        print(f"    … and {number - _SHOWN} more; --json names all")


# --- the plan -------------------------------------------------------------------------------------------------


def _show_plan(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        for finding in plan.findings:
            print_json({"finding": _as_json(finding)})
        for ref, verdict in plan.verdicts.items():
            print_json({"row": _name(ref), "becomes": str(verdict.becomes), "words": verdict.words})
        for line in plan.ledger():
            print_json({"ledger": line._asdict()})
        return
    _show_findings(plan.findings)
    print()
    _show_ledger(plan)
    statuses = Counter(str(case.shape.status) for case in plan.cases)
    told = ", ".join(f"{number} {status}" for status, number in sorted(statuses.items()))
    print(f"\n{len(plan.cases)} sessions ({told or 'none'}), {len(plan.customers)} customers, "
          f"{len(plan.mechanics)} mechanics without a token (make one with: mechtui mechanic token ID)")  # fmt: skip
    if plan.files_missing:
        print(f"{plan.files_missing} files of intakes are not moved: they are not in the export, under files/")
    reasons: dict[str, list[Ref]] = defaultdict(list)
    for ref, verdict in plan.verdicts.items():
        if verdict.becomes == Becomes.QUARANTINED:
            reasons[verdict.words].append(ref)
    if reasons:
        print("\nSet aside, and not moved:")
        _show_reasons(reasons)


def _show_ledger(plan: Plan) -> None:
    lines = plan.ledger()
    columns = [Column("TABLE"), *(Column(title, "right") for title in ("ROWS", "MOVED", "SET ASIDE", "LEFT"))]
    total = Line("all", *(sum(numbers) for numbers in zip(*(line[1:] for line in lines), strict=True)))
    rows = [[SafeText(str(cell)) for cell in line] for line in (*lines, total)]
    print_table(columns, rows)


def _show_reasons(reasons: dict[str, list[Ref]]) -> None:
    for why, refs in sorted(reasons.items()):
        print(f"  {SafeText(why)}: {len(refs)}")
        for ref in refs[:_SHOWN]:
            print(f"    - {SafeText(_name(ref))}")
        _show_more(len(refs))


def _show_moved(moved: Moved, *, as_json: bool) -> None:
    if as_json:
        print_json({"new": moved.new, "before": moved.before, "refused": moved.refused})
        return
    print(f"\n{moved.new} sessions moved, {moved.before} were here before, {len(moved.refused)} refused")
    for session_id, why in moved.refused.items():
        print(f"    - {session_id}: {SafeText(why)}")
