"""The command line: what can be said, and which module does it.

`--help` and `--version` answer at once: what a command needs is imported when that command runs, and only then.
"""

import argparse
import gc
import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

from mechtui import __version__
from mechtui.cli_database import Commands, add_database
from mechtui.exits import CommandError, Exit, say

EXITS = """exit codes:
  0 done   1 refused, with the reason   2 wrong use   3 backend not reached, or outcome unknown   4 signed out"""
INTERRUPTED = 130
"""What a shell calls a command that was ended with Ctrl+C; for `watch` that is the way to end."""
LISTS = ("incoming", "active", "completed", "history")


def run(arguments: Sequence[str], may: Callable[[argparse.Namespace], None] | None = None) -> int:
    """Carry out one command line; the exit code. What goes wrong is told on standard error, never as a traceback.

    `may` raises `CommandError` for a command that is not to be carried out.
    """
    options = _parsed(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if may is not None:
            may(options)
        code = int(options.command(options))
        sys.stdout.flush()
        return code
    except CommandError as error:
        say(str(error))
        return error.code
    except BrokenPipeError:
        _forget_output()
        return Exit.DONE
    except KeyboardInterrupt:
        return Exit.DONE if getattr(options, "wish", "") == "watch" else INTERRUPTED


def _forget_output() -> None:
    """Whoever read our output has gone: the interpreter must not complain when it flushes the rest on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- what each command runs -----------------------------------------------------------------------------------


def _dashboard(options: argparse.Namespace) -> int:
    from mechtui.commands.settings import settings_of
    from mechtui.terminal import SHOWS_NOTHING, shows_nothing

    settings = settings_of(options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError(
            "the dashboard needs a terminal; for a script there is: mechtui list incoming", Exit.WRONG_USE
        )
    if shows_nothing(os.environ):
        raise CommandError(SHOWS_NOTHING, Exit.WRONG_USE)
    if not gc.get_freeze_count():  # over SSH the fork server's is frozen, and what is looked through is little
        gc.disable()  # until the first screen is there: what a start makes is kept, looking it through takes 20 ms
    from mechtui.app import run_dashboard

    return run_dashboard(settings)


def _demo(options: argparse.Namespace) -> int:
    from mechtui.server.demo import run_demo

    if options.ssh:
        from mechtui.commands.ssh import run_demo_ssh

        return run_demo_ssh(options)
    return run_demo(options.seed, options.speed, options.keep, story=options.story, postgres=options.postgres)


def _serve(options: argparse.Namespace) -> int:
    from mechtui.commands.admin import serve

    return serve(options)


def _ssh(options: argparse.Namespace) -> int:
    from mechtui.commands.ssh import run_ssh

    return run_ssh(options)


def _admin(options: argparse.Namespace) -> int:
    from mechtui.commands import admin

    return admin.run(options)


def _client(options: argparse.Namespace) -> int:
    from mechtui.commands import client

    return client.run(options)


def _dtc(options: argparse.Namespace) -> int:
    from mechtui.commands import dtc

    return dtc.run(options)


def _import(options: argparse.Namespace) -> int:
    from mechtui.commands import moving

    return moving.run_import(options)


def _doctor(options: argparse.Namespace) -> int:
    from mechtui.commands import doctor

    return doctor.run(options)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; words of a query may stand behind an option, too, which argparse alone would not take.

    Behind `--` in a list all is query, though it begin with `-`.
    """
    parser = command_line()
    end = arguments.index("--") if "--" in arguments and {"list", "export"} & set(arguments) else len(arguments)
    options, rest = parser.parse_known_args(arguments[:end])
    listing, query = getattr(options, "wish", "") in {"list", "export"}, arguments[end + 1 :]
    if any(word.startswith("-") for word in rest) or (not listing and (rest or query)):
        parser.error(f"unrecognized arguments: {' '.join([*rest, *query])}")
    if listing:
        options.query = [*options.query, *rest, *query]
    return options


# --- what can be said -----------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what was not understood: the words themselves may have been copied from anywhere."""
        from mechtui.text import SafeText

        super().error(SafeText(message))


@cache
def command_line() -> argparse.ArgumentParser:
    """All that can be said; built once, so that logins over SSH have that of their fork server."""
    parser: argparse.ArgumentParser = _Parser(
        prog="mechtui",
        description="The terminal dashboard a mechanic triages help requests on. Without a command: the dashboard.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mechtui {__version__}")
    _client_options(parser, default=None)
    parser.set_defaults(command=_dashboard)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command_name")
    _add_demo(commands)
    _add_serve(commands)
    _add_ssh(commands)
    _add_accounts(commands)
    add_database(commands, _admin_command)
    _add_doctor(commands)
    _add_reads(commands)
    _add_writes(commands)
    _add_dtc(commands)
    return parser


def _client_options(parser: argparse.ArgumentParser, default: str | None = argparse.SUPPRESS) -> None:
    """Where to go and who asks. Below the top nothing is set unless said, so that it may stand before or after."""
    parser.add_argument("--server", metavar="URL", default=default, help="the backend (or MECHTUI_SERVER)")
    parser.add_argument(
        "--token-file", metavar="FILE", type=Path, default=default, help="a file with the token (or MECHTUI_TOKEN)"
    )


def _add_demo(commands: Commands) -> None:
    demo = commands.add_parser("demo", help="backend, customers, a rival and the dashboard in one go")
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="another shop, the same each time (1)")
    demo.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="how fast life goes (1)")
    database = demo.add_mutually_exclusive_group()
    database.add_argument("--keep", metavar="DIR", help="keep database and settings in this folder")
    database.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    demo.add_argument("--ssh", action="store_true", help="the dashboard over SSH: prints a line to log in with")
    demo.add_argument("--story", action="store_true", help="play the main job once, step by step, as text")
    demo.set_defaults(command=_demo)


def _add_serve(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="the backend")
    _database_option(serve)
    serve.add_argument("--host", help="the address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (8420)")
    serve.add_argument("--public-url", metavar="URL", help="where the session pages are, as mechanics reach them")
    serve.add_argument("--tls-cert", type=Path, metavar="FILE", help="speak https, with this certificate")
    serve.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, where that is in a file of its own")
    serve.set_defaults(command=_serve)


def _add_ssh(commands: Commands) -> None:
    words = "the SSH front door: a mechanic's key is his login"
    ssh = commands.add_parser("ssh", help=words, description=words)
    _database_option(ssh)
    ssh.add_argument("--server", metavar="URL", help="the backend (or MECHTUI_SERVER)")
    ssh.add_argument("--host", dest="ssh_host", metavar="HOST", help="the address to listen on (127.0.0.1)")
    ssh.add_argument("--port", dest="ssh_port", metavar="PORT", type=int, help="the port to listen on (8422)")
    ssh.add_argument("--keys", metavar="FILE", type=Path, help="the host key, made if need be; or a folder for it")
    ssh.set_defaults(command=_ssh)


def _add_accounts(commands: Commands) -> None:
    mechanic = commands.add_parser("mechanic", help="make, list and revoke the tokens of mechanics")
    ways = mechanic.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add = _admin_command(ways, "add", "mechanic_add", "a new mechanic; his token is shown once")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--types", metavar="TYPE,…", help="what he takes: chat, video, diagnostic (all)")
    add.add_argument("--key", metavar="FILE", type=Path, help="his public key, a .pub: his login over SSH")
    _json_option(add)
    _json_option(_admin_command(ways, "list", "mechanic_list", "all mechanics"))
    token = _admin_command(ways, "token", "mechanic_token", "another token for a mechanic, in place of the one he had")
    token.add_argument("id", metavar="ID")
    _json_option(token)
    key = _admin_command(ways, "key", "mechanic_key", "a mechanic's keys, his logins over SSH; add one, or remove one")
    key.add_argument("id", metavar="ID")
    change = key.add_mutually_exclusive_group()
    change.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a public key more, a .pub")
    change.add_argument("--remove", metavar="KEY", help="the fingerprint of one that lets nobody in any more")
    _json_option(key)
    _admin_command(ways, "revoke", "mechanic_revoke", "his token and his keys open nothing any more").add_argument(
        "id", metavar="ID"
    )
    desk = commands.add_parser("desk", help="make a token for the front desk or the shop's web site")
    ways = desk.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add = _admin_command(ways, "add", "desk_add", "a new desk; its token is shown once")
    add.add_argument("name", metavar="NAME")
    _json_option(add)


def _add_doctor(commands: Commands) -> None:
    words = "move the old database into ours; shows first what becomes of each row"
    moving = commands.add_parser("import", help=words, description=words)
    moving.add_argument("source", metavar="SOURCE", help="a folder of CSV or JSON exports, or postgresql://…")
    moving.add_argument("--dry-run", action="store_true", help="only show it")
    words = "look for what is lost or damaged, in our database or in an old one"
    doctor = commands.add_parser("doctor", help=words, description=words)
    doctor.add_argument("source", metavar="SOURCE", nargs="?", help="the old database, as for import (ours)")
    doctor.add_argument("--repair", action="store_true", help="repair what is safe, each with an event")
    for parser, command in ((moving, _import), (doctor, _doctor)):
        _database_option(parser)
        _json_option(parser)
        parser.set_defaults(command=command)


def _add_reads(commands: Commands) -> None:
    listing = _client_command(commands, "list", "one of the four lists")
    listing.add_argument("which", choices=LISTS)
    listing.add_argument("query", nargs="*", metavar="QUERY", help="what to look for, as after / in the dashboard")
    listing.add_argument("--limit", type=_limit, default=50, metavar="N", help="at most N rows (50)")
    _json_option(listing)
    show = _client_command(commands, "show", "one session: intake, state, events")
    show.add_argument("id", metavar="ID")
    _json_option(show)
    report = _client_command(commands, "report", "the report of a completed session, for its customer")
    report.add_argument("id", metavar="ID")
    report.add_argument("--format", choices=("pdf", "txt", "json"), default="pdf", help="what to make of it (pdf)")
    report.add_argument("--output", metavar="FILE|-", help="a new file, or - (a name of its own, in this folder)")
    export = _client_command(commands, "export", "one of the four lists as a file, all of it")
    export.add_argument("which", choices=LISTS)
    export.add_argument("query", nargs="*", metavar="QUERY", help="as for list")
    export.add_argument("--format", choices=("csv", "json"), default="csv", help="what to make of it (csv)")
    export.add_argument("--output", metavar="FILE|-", help="a new file, or - (named after the list, in this folder)")
    stats = _client_command(commands, "stats", "your own figures")
    stats.add_argument("--range", default="week", metavar="WHEN", help="today, week, month, or FROM..TO (week)")
    _json_option(stats)
    _client_command(commands, "watch", "the feed as JSON lines, for ever")


def _add_writes(commands: Commands) -> None:
    submit = _client_command(commands, "submit", "hand in requests: a JSON object, or JSON lines")
    submit.add_argument("file", metavar="FILE|-")
    for name, words in (
        ("accept", "take a request"),
        ("release", "give a session back to the queue"),
        ("join", "say that you are in the session"),
        ("end", "end a session"),
    ):
        command = _client_command(commands, name, words)
        command.add_argument("id", metavar="ID")
        if name in {"release", "end"}:
            command.add_argument("--reason", default="", metavar="TEXT", help="why")
        _json_option(command)
    following = _client_command(commands, "next", "take the first request of the queue")
    following.add_argument("--wait", action="store_true", help="when there is none, wait until one comes")
    _json_option(following)


def _add_dtc(commands: Commands) -> None:
    dtc = commands.add_parser("dtc", help="what a trouble code says; load a table of them")
    ways = dtc.add_subparsers(title="commands", metavar="COMMAND", required=True)
    show = ways.add_parser("show", help="what codes say", description="what codes say")
    show.add_argument("codes", nargs="+", metavar="CODE")
    _json_option(show)
    words = "load a table (TSV, CSV, JSON) beside the built-in one"
    ways.add_parser("import", help=words, description=words).add_argument("file", metavar="FILE", type=Path)
    for name, way in ways.choices.items():
        way.set_defaults(command=_dtc, action=name)


def _client_command(commands: Commands, name: str, words: str) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=words, description=words, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _client_options(command)
    command.set_defaults(command=_client, wish=name)
    return command


def _admin_command(ways: Commands, name: str, action: str, words: str) -> argparse.ArgumentParser:
    command = ways.add_parser(name, help=words, description=words)
    _database_option(command)
    command.set_defaults(command=_admin, action=action)
    return command


def _database_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database", metavar="URL", help="sqlite:////absolute/path, or postgresql://… (or MECHTUI_DATABASE)"
    )


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON, one object a line")


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 1000:
        _no(f"{text} is not a speed above 0, up to 1000")
    return speed


def _limit(text: str) -> int:
    limit = int(text)
    if limit < 1:
        _no(f"{text} is not a number of rows, from 1")
    return limit


def _no(words: str) -> NoReturn:
    raise argparse.ArgumentTypeError(words)
