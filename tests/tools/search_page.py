"""The page on the search language, from its table of fields; what its examples mean is read by the parser itself."""

from collections.abc import Iterable
from datetime import UTC, datetime

from mechtui.saved_filters import SHIPPED
from mechtui.search.days import Today
from mechtui.search.fields import ALIASES, FIELDS
from mechtui.search.render import render
from mechtui.search.syntax import TYPED, parse
from mechtui.search.trouble import told

TODAY = Today(datetime(2026, 11, 24, 18, 42, tzinfo=UTC), UTC)
"""The day that the examples are read on, in a shop that lives by UTC."""

EXAMPLES = (
    ("camry stall", "both words, anywhere in name, vehicle, plate, VIN or concern"),
    ('"check engine"', "the phrase"),
    ("grind*", "a word that begins so"),
    ("video -brake", "video sessions that do not speak of brakes"),
    ("chat video today", "types, and days, side by side are alternatives: chat or video, and requested today"),
    ("camry or make:honda year:2015..", "`or` binds weaker than a space"),
    ("-(chat or status:cancelled)", "`-` before a group"),
    ("make:toyota,honda", "any of several values"),
    ("make:=ford", "the whole of it, not a part"),
    ("wait:>5m", "longer than five minutes; `wait:5m` is the sixth minute"),
    ("last week rating:<=2", "the week before this one, from Monday on"),
    ("2026-11-01..2026-11-14", "a stretch of days; `2026-11` is a month, `7d` the last seven days"),
    ("from:monday before:2026-11-24", "since Monday, earlier than that day"),
    ("status:completed -has:summary", "what a summary is still owed for"),
)
MISREAD = ("year:20x camry", "colour:red", "make:")


_OPENING = """
The same in the search of every tab (`/`), in saved filters (`f`, `F`), in `mechtui list`, and on the backend. Case
and accents make no difference. Half-typed text always gives a result; what was not understood is named under the line
and left out. Contact details are never searched, and of a session you gave back, nothing that happened after.
"""
_NUMBERS = """
Numbers, lengths of time and prices take `<` `<=` `>` `>=` and `a..b`; lengths are written `90s` `5m` `1h30m` `2d`.
`status:` in History is how it went for you.
"""
_DAYS = """
Days: `today` `yesterday`, weekdays (the last one of that name), `this` or `last` with `week` `month` `year`, `3h` `7d`
`2w` back from now, `2026-11-24` `2026-11`, and after a field also `2026`. They are the days of the zone your terminal
is in, and tell when a session was requested. Hours, as in `hour:8..11` or `hour:>=17:30`, are by the clock as it is set
there today; `hour:22..5` goes over midnight.
"""
_SAVED = """
`f` offers them with what each finds in the tab, `F` keeps the present one under a name, in the table `[filters]` of
`config.toml`; `Del` in the list of them forgets one, after a question. An empty query in the file takes away one of
those that there are by default:
"""
_COMMANDS = """    mechtui list history last week 'rating:<=2'
    mechtui list incoming -- -type:chat '"check engine"'"""
_SENT = "last week rating:<=2"


def parts() -> list[str]:
    """What the page says, paragraph by paragraph."""
    return [
        _flowing(_OPENING),
        "## By example",
        _points(f"`{text}`: {words}" for text, words in EXAMPLES),
        "## Fields",
        "\n".join(["| field | finds | like |", "| --- | --- | --- |", *map(_field, FIELDS)]),
        f"Other names: {', '.join(f'`{alias}` for `{name}`' for alias, name in ALIASES.items())}.",
        _flowing(_NUMBERS),
        _flowing(_DAYS),
        "## What is not understood",
        _points(f"`{text}`: {told(parse(text, TODAY).problems)}" for text in MISREAD),
        f"At most {TYPED.characters} characters, {TYPED.terms} terms and parentheses {TYPED.depth} deep are read.",
        "## Saved filters",
        _flowing(_SAVED),
        _points(f"{name}: `{query}`" for name, query in SHIPPED.items()),
        "## On the command line",
        _COMMANDS,
        "What was not understood is told on standard error. `--` comes before a word that begins with `-`.",
        "## What is sent",
        "The backend gets the query with every day spelt out, and reads it with the same parser. "
        f"`{_SENT}`, typed on 24 November 2026 by UTC, is sent as",
        f"    {render(parse(_SENT, TODAY).tree)}",
    ]


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _points(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _field(name: str) -> str:
    field = FIELDS[name]
    return f"| `{name}:` | {field.help} | `{field.example}` |"
