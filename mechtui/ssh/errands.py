"""What may be asked at the front: the dashboard, and the commands that ask the backend. Nothing else is run."""

import argparse
import shlex

from mechtui.exits import CommandError, Exit

ERRANDS = frozenset(
    {"list", "show", "report", "export", "stats", "watch", "accept", "release", "join", "end", "next"}
)  # fmt: skip
_NO_OTHER = "here is no shell; there is the dashboard, and for scripts: ssh HOST mechtui list incoming"


def words_of(command: str) -> list[str]:
    """The arguments of a command line that begins with `mechtui`. Raises `CommandError` for any other."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CommandError(f"this command line ends too early: {error}", Exit.WRONG_USE) from error
    if words[:1] != ["mechtui"]:
        raise CommandError(_NO_OTHER, Exit.WRONG_USE)
    return words[1:]


def check(options: argparse.Namespace) -> None:
    """Let a parsed command line pass, or say why not: raises `CommandError`.

    It runs as the user whom the front runs as, so nothing is opened that it could open: no file, no other server.
    """
    if options.command_name is not None and options.command_name not in ERRANDS:
        raise CommandError(f"{options.command_name} is for the shop's own machine; {_NO_OTHER}", Exit.WRONG_USE)
    if options.server is not None or options.token_file is not None:
        raise CommandError("here --server and --token-file are the key's: leave them out", Exit.WRONG_USE)
    if getattr(options, "output", "-") != "-":
        raise CommandError("no file is written here; what you want is: --output - > FILE", Exit.WRONG_USE)
