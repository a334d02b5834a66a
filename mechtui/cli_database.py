"""The command line of whoever looks after the database: `mechtui db …`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Command: TypeAlias = Callable[[Commands, str, str, str], argparse.ArgumentParser]


def add_database(commands: Commands, command: Command) -> None:
    """What can be said to `mechtui db`; `command` makes one that works on the database."""
    database = commands.add_parser("db", help="bring the database up to date, copy, restore, export it; forget")
    ways = database.add_subparsers(title="commands", metavar="COMMAND", required=True)
    command(ways, "upgrade", "db_upgrade", "bring it to this version's form")
    for name, words in (("backup", "copy it to FILE"), ("restore", "put the copy in FILE in its place")):
        command(ways, name, f"db_{name}", words).add_argument("file", metavar="FILE", type=Path)
    export = command(ways, "export", "db_export", "every session of every mechanic as a file")
    export.add_argument("--format", choices=("csv", "json"), default="csv", help="what to make of it (csv)")
    export.add_argument("--output", metavar="FILE|-", help="a new file, or - (sessions.csv, in this folder)")
    forget = command(ways, "forget", "db_forget", "remove a customer's personal data; the sessions stay")
    forget.add_argument("who", metavar="WHO", help="his e-mail, phone, name or id, or the id of a session of his")
    forget.add_argument("--dry-run", action="store_true", help="only show what would be removed")
    forget.add_argument("--yes", action="store_true", help="do not ask")
