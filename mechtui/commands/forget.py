"""`mechtui db forget`: what there is of a customer is shown, then removed."""

import argparse
import getpass
import sys

from mechtui.commands.output import Column, print_table
from mechtui.exits import CommandError, Exit
from mechtui.server import asked
from mechtui.server.db.customers import Customer, Visit
from mechtui.text import SafeText

GOES = (
    "Removed from them: name, contact, city, VIN, plate, odometer, what the customer and the mechanics wrote, files.\n"
    "Kept: that they were, when, of which type, for how much, by whom, year, make and model, the rating."
)


def run(database: str, options: argparse.Namespace) -> None:
    """Show what would be removed, ask, and have it done. Raises `CommandError`."""
    customer = _the_one_meant(asked.known(database, options.who), options.who)
    _show(customer)
    if (visit := next((visit for visit in customer.visits if visit.is_open), None)) is not None:
        raise CommandError(
            f"nothing is removed: this customer has an open session ({visit.id}, {visit.status}). "
            "End or cancel it first, then say this again.",
            Exit.REFUSED,
        )
    if options.dry_run:
        print("\nNothing was removed: this was a dry run.")
    elif options.yes or _agreed():
        _forget(database, customer)
    else:
        print("Nothing was removed.")


def _the_one_meant(found: list[Customer], who: str) -> Customer:
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"nobody here has the id, name, e-mail or phone {SafeText(who)}", Exit.REFUSED)
    print_table(
        [Column("ID"), Column("NAME"), Column("SESSIONS", "right"), Column("LAST")],
        [[SafeText(word) for word in (c.id, c.name, str(len(c.visits)), _last(c))] for c in found],
    )
    raise CommandError(f"that is true of {len(found)} customers; name one by his id", Exit.REFUSED)


def _last(customer: Customer) -> str:
    return customer.visits[-1].created_at[:10] if customer.visits else "-"


def _show(customer: Customer) -> None:
    print(f"{SafeText(customer.name)}  ({customer.id}), {len(customer.visits)} sessions\n")
    columns = [Column(title) for title in ("REQUESTED", "TYPE", "STATUS", "VEHICLE", "FILES", "ID")]
    print_table(columns, [[SafeText(word) for word in _cells(visit)] for visit in customer.visits])
    print(f"\n{GOES}")


def _cells(visit: Visit) -> tuple[str, ...]:
    removed = " (removed before)" if visit.forgotten_at else ""
    return visit.created_at[:10], visit.type, visit.status + removed, visit.vehicle, str(visit.files), visit.id


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise CommandError("nothing was removed: there is nobody to ask; to remove it, add --yes", Exit.WRONG_USE)
    return input("\nThis cannot be undone. Remove it? [y/N] ").strip().lower() in {"y", "yes"}


def _forget(database: str, customer: Customer) -> None:
    if asked.forget(database, customer.id, by=getpass.getuser()):
        print("\nRemoved. Copies of the database that were made before still hold it.")
        return
    raise CommandError(
        "it is asked for, and not done yet: the backend that serves this database does it as soon as it can. "
        "The same command shows whether it is done.",
        Exit.NOT_REACHED,
    )
