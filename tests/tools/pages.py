"""The pages of docs/ that are made from the code: `python -m tests.tools.pages`, and `--check` where none may be stale.

Nothing of the machine they are made on goes into them: no width of a terminal, no folder of a user, and no words of
argparse, which spells its help differently from one Python to the next.
"""

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from mechtui import cli, config, config_file, config_ssh, token_source
from mechtui.actions import ACTIONS
from mechtui.config_file import Key
from mechtui.key_names import Scope
from mechtui.themes import THEME_NAMES
from tests.tools import doctor_page, jobs, search_page

DOCS = Path(__file__).parents[2] / "docs"
_MADE_BY = "<!-- Made by `make docs`; changed in the code, not here. -->"


def write(folder: Path) -> None:
    """Make every page anew."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """The names of the pages that are not what the code says now."""
    return [name for name, page in PAGES.items() if _read(folder / name) != page()]


def main(arguments: Sequence[str], folder: Path = DOCS) -> int:
    """Write the pages, or with `--check` name those that are stale; the exit code."""
    if list(arguments) != ["--check"]:
        write(folder)
        return 0
    names = stale(folder)
    for name in names:
        print(f"docs/{name} is stale; make it anew with: make docs", file=sys.stderr)
    return 1 if names else 0


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


# --- keys -----------------------------------------------------------------------------------------------------

_WHERE = {Scope.LIST: "lists", Scope.INTAKE: "intake", Scope.BOTH: "lists, intake"}


def keys() -> str:
    """Every key, from the table of actions."""
    rows = [(_keys_of(a.shown_keys), a.label, _WHERE[a.scope], a.help, f"`{a.id}`") for a in ACTIONS]
    return _page(
        "Keys",
        "What footer, help (`?`) and palette (`Ctrl+P`) show as well. A key that is not possible now says why.",
        "`Esc` closes what is on top, one layer at a time. Every action can be found in the palette and clicked.",
        "Other keys can be chosen for an action by its name: [configuration.md](configuration.md#keys).",
        _table(("key", "action", "where", "what it does", "name"), rows),
    )


def _keys_of(shown: str) -> str:
    return " ".join(f"`{key}`" for key in shown.split())


# --- configuration --------------------------------------------------------------------------------------------

_NO_OPTION = {
    "token": "the token itself, where there is no file with it",
    "downloads": "the folder that what one saves is put into; by default that of downloads",
}
_HOST_KEY = "the file of the host key, made if need be, or a folder for it; by default in the user's data folder"
_ELSEWHERE = (
    ("MECHTUI_CONFIG", "the file to read instead of `config.toml` in the user's configuration folder"),
    ("MECHTUI_THEME", f"the dashboard's theme: {', '.join(f'`{name}`' for name in THEME_NAMES)}"),
    ("MECHTUI_REMOTE", "set to anything: session pages are shown as an address, not opened in a browser, as over SSH"),
    ("NO_COLOR", "set to anything: no colours"),
)
_DEFAULTS = {
    "database": "`mechtui.db` in the user's data folder",
    "public_url": "host and port",
    "server": f"`{config.DEFAULT_SERVER}`",
    "plans": "the four below",
    "hosts": "none",
}


def configuration() -> str:
    """Every setting, from the keys of `config.toml`, the options, and the dataclasses they end in."""
    return _page(
        "Configuration",
        "Strongest first: an option of the command line, the environment, `config.toml`, the default. A setting that "
        "cannot be used is refused with its name, its place and a right example.",
        "`config.toml` stands in the user's configuration folder (`~/.config/mechtui/` on Linux).",
        "## `[client]`",
        _settings(config_file.CLIENT, config.ClientSettings),
        "## `[keys]`",
        "Other keys for an action, named as in [keys.md](keys.md): one, or a list, in place of its own. Keys are "
        'written like `"a"`, `"+"`, `"f2"`, `"ctrl+a"`, `"pageup"`. Two actions heard in the same place cannot have '
        "the same key: that is refused with both names. Every sentence on the screen names the key there is.",
        f"```toml\n[keys]\naccept = {config_file.KEYS}\n```",
        "## `[server]`",
        _settings(_without(config_file.SERVER, config.Rules), config.ServerSettings),
        "The rules of a session, in seconds, stand in `[server]`, too:",
        _rules(),
        "## `[[server.plans]]`",
        f"{_words(config.PlanSetting)} The plans of the file take the place of all there are by default.",
        _settings(config_file.PLAN, config.PlanSetting),
        "By default:",
        _plans(),
        "## `[ssh]`",
        "For `mechtui ssh`; where the database and the backend are is said above. See [ssh.md](ssh.md).",
        _table(("key", "default", "example", "meaning"), _ssh_settings()),
        "## Environment only",
        _table(("environment", "meaning"), [(f"`{name}`", words) for name, words in _ELSEWHERE]),
    )


def _without(keys: dict[str, Key], dataclass_: type) -> dict[str, Key]:
    taken = {field.name for field in fields(dataclass_)}
    return {name: key for name, key in keys.items() if name not in taken}


def _settings(keys: dict[str, Key], dataclass_: type) -> str:
    """A table of keys; the columns that are empty for all of them are left out."""
    titles = ("key", "option", "environment", "default", "example", "meaning")
    rows = [_setting(name, key, dataclass_) for name, key in keys.items()]
    used = [n for n in range(len(titles)) if any(row[n] for row in rows)]
    return _table([titles[n] for n in used], [[row[n] for n in used] for row in rows])


def _setting(name: str, key: Key, dataclass_: type) -> tuple[str, ...]:
    option = _OPTIONS.get(name)
    variable = f"MECHTUI_{name.upper()}"
    is_read = f'"{variable}"' in inspect.getsource(config) + inspect.getsource(token_source)
    return (
        f"`{name}`",
        f"`{option.shown}`" if option else "",
        f"`{variable}`" if is_read else "",
        _DEFAULTS.get(name) or _default(name, dataclass_),
        f"`{key.example}`",
        re.sub(r" \(.*\)$", "", option.help) if option else _NO_OPTION.get(name, _field_docs(dataclass_).get(name, "")),
    )


def _ssh_settings() -> Iterator[tuple[str, ...]]:
    words = _field_docs(config_ssh.SshSettings)
    for name, key in config_file.SSH.items():
        default = _default(name, config_ssh.SshSettings)
        yield f"`{name}`", default, f"`{key.example}`", words.get(name, _HOST_KEY)


def _default(name: str, dataclass_: type) -> str:
    values = {field.name: field.default for field in fields(dataclass_)}
    value = values.get(name, MISSING)
    return "" if value is MISSING else f"`{_toml(value)}`"


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rules() -> str:
    words = _field_docs(config.Rules)
    names = [field.name for field in fields(config.Rules) if field.name in words]
    rows = [(f"`{name}`", _default(name, config.Rules), words[name]) for name in names]
    return _table(("key", "default", "meaning"), rows)


def _field_docs(dataclass_: type) -> dict[str, str]:
    """The texts that stand below the fields of a dataclass."""
    (body,) = ast.parse(inspect.getsource(dataclass_)).body
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as words)):
                docs[name] = words
    return docs


def _plans() -> str:
    names = [field.name for field in fields(config.PlanSetting)]
    rows = [[_toml(getattr(plan, name)) for name in names] for plan in config.DEFAULT_PLANS]
    return _table(names, rows)


def _words(documented: type) -> str:
    """A docstring as one paragraph."""
    return " ".join((documented.__doc__ or "").split())


# --- command line ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Command:
    name: str
    words: str
    parser: argparse.ArgumentParser


@dataclass(frozen=True)
class _Option:
    shown: str
    help: str


def command_line() -> str:
    """Every command with its arguments, from the parsers."""
    top, *commands = _commands(_Command("mechtui", "", cli.command_line()))
    everywhere = {action.dest for action in _shown(top.parser)}
    exits = re.sub(r" (?=\d )", " · ", " ".join(cli.EXITS.split()).removeprefix("exit codes: "))
    return _page(
        "Command line",
        top.parser.description or "",
        "`--version` and `--help` answer at once. The dashboard and each command that asks a backend take:",
        _arguments(top.parser, set()),
        f"Exit codes: {exits}. What goes wrong is told on standard error. `--json` prints what the backend sent, "
        "one object a line, as ASCII.",
        *(part for command in commands for part in _section(command, everywhere)),
    )


def _commands(command: _Command) -> Iterator[_Command]:
    yield command
    for action in command.parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, parser in action.choices.items():
                yield from _commands(_Command(f"{command.name} {name}", helps[name], parser))


def _section(command: _Command, everywhere: set[str]) -> Iterator[str]:
    if any(isinstance(action, argparse._SubParsersAction) for action in command.parser._actions):
        return
    yield f"## {command.name}"
    yield f"{command.words[:1].upper()}{command.words[1:]}."
    yield f"    {' '.join([command.name, *map(_usage, _shown(command.parser))])}"
    if arguments := _arguments(command.parser, everywhere):
        yield arguments


def _usage(action: argparse.Action) -> str:
    return f"[{_named(action)}]" if action.option_strings or action.nargs in {"*", "?"} else _named(action)


def _named(action: argparse.Action) -> str:
    value = str(action.metavar or "|".join(action.choices or ()) or action.dest.upper())
    if not action.option_strings:
        return f"{value} …" if action.nargs == "*" else value
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def _arguments(parser: argparse.ArgumentParser, told: set[str]) -> str:
    """A table of the arguments that have help and were not told before."""
    rows = [
        (f"`{_named(action)}`", action.help) for action in _shown(parser) if action.help and action.dest not in told
    ]
    return _table(("argument", "meaning"), rows) if rows else ""


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments of a command; its options after what it works on."""
    own = [a for a in parser._actions if not isinstance(a, argparse._SubParsersAction)]
    wanted = [action for action in own if action.dest not in {"help", "version"}]
    return sorted(wanted, key=lambda action: bool(action.option_strings))


def _options() -> dict[str, _Option]:
    """The options of all commands by the name of the setting they set."""
    actions = [a for command in _commands(_Command("mechtui", "", cli.command_line())) for a in _shown(command.parser)]
    return {a.dest: _Option(_named(a), a.help or "") for a in actions if a.option_strings}


_OPTIONS = _options()


# --- jobs ----------------------------------------------------------------------------------------------------


def jobs_page() -> str:
    """The jobs done most, with their keys."""
    titles = ("job", "begins in", "keys", "how many", "what comes of it")
    return _page("Ten jobs and their keys", jobs.OPENING, _table(titles, jobs.rows()))


# --- Markdown -------------------------------------------------------------------------------------------------


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", _MADE_BY, *parts)) + "\n"


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


PAGES: dict[str, Callable[[], str]] = {
    "keys.md": keys,
    "configuration.md": configuration,
    "cli.md": command_line,
    "jobs.md": jobs_page,
    "doctor.md": lambda: _page("What doctor looks for", *doctor_page.parts(_table)),
    "search.md": lambda: _page("The search language", *search_page.parts()),
}
"""The pages by the names of their files."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
