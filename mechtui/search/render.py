"""A tree as the text of a query: what is sent, and what is read back as the very same tree. Pure."""

from mechtui.search.days import moment_text
from mechtui.search.hours import DAY
from mechtui.search.tree import All, Among, Any, Between, Flag, Match, Node, Not, Words

_CENTS = 100
_READ = {"rating": 5, "year": 9999, "hour": DAY - 1}
"""The greatest number that is read as one, where there is a greatest."""


def render(node: Node) -> str:
    """The query that means this tree everywhere: days are spelt out as moments, text stands in quotes."""
    match node:
        case Words(field, text, how):
            return _words(field, text, how)
        case Among(field, values):
            return f"{field}:{','.join(values)}"
        case Between(field, low, high):
            return f"{field}:{_range(field, low, high)}"
        case Flag(field, name):
            return f"{field}:{name}"
        case Not(part):
            return f"-{_in_parentheses(part)}"
        case All(parts):
            return " ".join(f"({render(part)})" if isinstance(part, Any) else render(part) for part in parts)
        case Any(parts):
            return " or ".join(render(part) for part in parts)


def _in_parentheses(node: Node) -> str:
    return f"({render(node)})" if isinstance(node, All | Any) else render(node)


def _words(field: str, text: str, how: Match) -> str:
    if field == "code":
        return f"code:{text}{'*' if how is Match.START else ''}"
    key = "" if field == "text" else f"{field}:{'=' if how is Match.WHOLE else ''}"
    doubled = text.replace('"', '""')
    return f'{key}"{doubled}"{"*" if how is Match.START else ""}'


def _range(field: str, low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{_number(field, low)}..{_number(field, high - 1)}"
    number = low if low is not None else high
    assert number is not None, "a range has an end"
    readable = number <= _READ.get(field, number)
    sign = (">=" if readable else ">") if low is not None else ("<" if readable else "<=")
    return f"{sign}{_number(field, number if readable else number - 1)}"


def _number(field: str, number: int) -> str:
    match field:
        case "date":
            return moment_text(number)
        case "price":
            return f"{number // _CENTS}.{number % _CENTS:02}"
        case "hour":
            return f"{number // 60:02}:{number % 60:02}Z"
        case "wait" | "length":
            return f"{number}ms"
        case "year":
            return f"{number:04}"
        case _:
            return str(number)
