"""What was not understood of a query, in words. Pure."""

from collections.abc import Iterable

from mechtui.search.syntax import Problem, Trouble


def told(problems: Iterable[Problem]) -> str:
    """All of it as one sentence; nothing when all was understood."""
    return "; ".join(_words(problem) for problem in problems)


def _words(problem: Problem) -> str:
    match problem.trouble:
        case Trouble.VALUE:
            return f"{problem.text} is not understood, left out"
        case Trouble.FIELD:
            hint = f" (did you mean {problem.hint}:?)" if problem.hint else ""
            return f"no field {problem.text}{hint}"
        case Trouble.EMPTY:
            return f"{problem.text} has no value yet"
        case Trouble.LENGTH:
            return f"only the first {problem.text} characters are read"
        case Trouble.TERMS:
            return f"only the first {problem.text} terms are read"
        case Trouble.DEPTH:
            return f"parentheses deeper than {problem.text} are left out"
