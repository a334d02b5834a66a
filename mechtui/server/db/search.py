"""A tree of the search language as a condition in SQL. Says the same as `mechtui.search.predicate`.

What was typed is bound, never written into the statement. Every condition is true or false, never NULL, so that
`NOT` means what it says. What a viewer may not see of a row is nothing here: of a session somebody gave back, no more
is found than was on the open request. Contact details are in no condition.
"""

from collections.abc import Callable
from typing import Any as AnyValue

from mechtui.search.days import moment_text
from mechtui.search.predicate import LETTER, fold_plate
from mechtui.search.tree import All, Among, Any, Between, Flag, Leaf, Match, Node, Not, Words, leaves
from mechtui.text import fold

OWN = "s.status"
"""How a session stands in a list of one's own sessions, or of open ones: as it does for everybody."""
HANDED = (
    "coalesce((SELECT e.kind FROM events e WHERE e.session_id = s.id "
    "AND ((e.mechanic_id = :me AND e.kind = 'released') OR (e.other_id = :me AND e.kind = 'handed_over')) "
    "ORDER BY e.seq DESC LIMIT 1) = 'handed_over', FALSE)"
)
"""Whether the last time a session left his hands was to a colleague."""
FOR_HIM = (
    "CASE WHEN s.mechanic_id IS NOT DISTINCT FROM :me THEN s.status "
    "WHEN EXISTS (SELECT 1 FROM passes p WHERE p.mechanic_id = :me AND p.session_id = s.id) "
    f"THEN 'passed' WHEN {HANDED} THEN 'handed' ELSE 'released' END"
)
"""How a session stands for somebody who had a hand in it."""

Params = dict[str, AnyValue]


def needs_intake(node: Node) -> bool:
    """Whether the condition speaks of `i`, the intake."""
    return any(
        isinstance(leaf, Words) or (isinstance(leaf, Between) and leaf.field == "year") or leaf in _IN_INTAKE
        for leaf in leaves(node)
    )


_IN_INTAKE = (Flag("has", "vin"), Flag("has", "plate"))


def condition(node: Node, standing: str, params: Params) -> str:
    """The tree as a condition on `s`, a session, and `i`, its intake; what it binds is put into `params`.

    `standing` is the expression of how a session stands for the viewer. `:me` and `:now` are the caller's to bind.
    """
    return _Conditions(standing, params).of(node)


class _Conditions:
    def __init__(self, standing: str, params: Params) -> None:
        self._standing = standing
        self._params = params

    def of(self, node: Node) -> str:
        match node:
            case Not(part):
                return f"NOT {self.of(part)}"
            case All(parts):
                return self._joined(" AND ", parts) if parts else "TRUE"
            case Any(parts):
                return self._joined(" OR ", parts)
            case _:
                return self._leaf(node)

    def _joined(self, word: str, parts: tuple[Node, ...]) -> str:
        return f"({word.join(self.of(part) for part in parts)})"

    def _bind(self, value: str | int) -> str:
        name = f"q{len(self._params)}"
        self._params[name] = value
        return f":{name}"

    def _leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Words():
                return f"({self._words(leaf)})"
            case Among("type", values):
                return f"s.type IN ({', '.join(self._bind(value) for value in values)})"
            case Among(_, values):
                bound = ", ".join(self._bind(value) for value in values)
                active = f" OR {self._standing} IN ('waiting', 'live')" if "active" in values else ""
                return f"({self._standing} IN ({bound}){active})"
            case Between("date", low, high):
                return self._between("s.created_at", low, high, moment_text)
            case Between("wait", low, high):
                return self._between(_WAITED.format(standing=self._standing), low, high, int)
            case Between(field, low, high):
                return self._between(_NUMBERS[field], low, high, int)
            case Flag(_, name):
                return f"({_FLAGS[name].format(standing=self._standing)})"

    def _between(self, sql: str, low: int | None, high: int | None, bound: Callable[[int], str | int]) -> str:
        sides = [
            f"{sql} {sign} {self._bind(bound(limit))}"
            for sign, limit in ((">=", low), ("<", high))
            if limit is not None
        ]
        return f"(({' AND '.join(sides)}) IS TRUE)"

    def _words(self, leaf: Words) -> str:
        if leaf.field == "plate":
            return self._placed(_PLATE, fold_plate(leaf.text), leaf.match)
        needle = fold(leaf.text)
        if leaf.field == "plan":
            return self._placed(_PLAN, needle, leaf.match)
        somewhere = f"instr(i.folded, {self._bind(needle)}) > 0"
        if leaf.field == "text" and leaf.match is Match.INSIDE:
            return somewhere
        if leaf.field in _RUNNING:
            pattern = self._bind(_pattern(needle, leaf.match))
            return f"{somewhere} AND glob({pattern}, '\n' || {_RUNNING[leaf.field]} || '\n')"
        return f"{somewhere} AND {self._placed(_TEXTS[leaf.field], needle, leaf.match)}"

    def _placed(self, sql: str, needle: str, match: Match) -> str:
        bound = self._bind(needle)
        match match:
            case Match.INSIDE:
                return f"instr({sql}, {bound}) > 0"
            case Match.START:
                return f"substr({sql}, 1, length({bound})) = {bound}"
            case Match.WHOLE:
                return f"{sql} = {bound}"


def _pattern(needle: str, match: Match) -> str:
    """`needle` at the start of a word, or as a whole one, as a pattern of GLOB."""
    literal = "".join(f"[{c}]" if c in "*?[" else c for c in needle)
    return f"*[^{LETTER}]{literal}{f'[^{LETTER}]' if match is Match.WHOLE else ''}*"


def _his(sql: str) -> str:
    """A value that only the holder of a session may see."""
    return f"CASE WHEN s.mechanic_id IS NOT DISTINCT FROM :me THEN {sql} END"


def _milliseconds(start: str, end: str) -> str:
    return f"CAST(round((unixepoch({end}, 'subsec') - unixepoch({start}, 'subsec')) * 1000) AS BIGINT)"


_PLATE = "replace(replace(fold(coalesce(i.plate, '')), ' ', ''), '-', '')"
_PLAN = "fold((SELECT b.name FROM plans b WHERE b.code = s.plan_code))"
_RUNNING = {"text": "i.folded", "code": "fold(i.concern)"}
_TEXTS = {
    "name": "fold(i.name)",
    "vehicle": "fold(concat_ws(' ', nullif(i.year, ''), nullif(i.make, ''), nullif(i.model, '')))",
    "make": "fold(coalesce(i.make, ''))",
    "model": "fold(coalesce(i.model, ''))",
    "vin": "fold(coalesce(i.vin, ''))",
}
_RATING = _his("(SELECT r.rating FROM session_reviews r WHERE r.session_id = s.id)")
_OVER = "CASE WHEN s.status <> 'pending' THEN s.ended_at END"
_WAITED = (
    "CASE WHEN {standing} NOT IN ('released', 'passed', 'handed') THEN "
    + _milliseconds("s.created_at", f"coalesce({_his('s.accepted_at')}, {_OVER}, :now)")
    + " END"
)
_NUMBERS = {
    "year": "CASE WHEN glob('[0-9][0-9][0-9][0-9]', i.year) THEN CAST(i.year AS INTEGER) END",
    "rating": _RATING,
    "price": "s.price_cents",
    "hour": "CAST(substr(s.created_at, 12, 2) AS INTEGER) * 60 + CAST(substr(s.created_at, 15, 2) AS INTEGER)",
    "length": _his(_milliseconds("s.started_at", "coalesce(s.ended_at, :now)")),
}
_FLAGS = {
    "urgent": "s.urgent = 1",
    "mine": "s.mechanic_id IS NOT DISTINCT FROM :me",
    "taken": "FALSE",
    "open": "{standing} IN ('pending', 'waiting', 'live')",
    "live": "{standing} = 'live'",
    "waiting": "{standing} = 'waiting'",
    "expired": "{standing} = 'expired'",
    "unrated": "{standing} = 'completed' AND " + _RATING + " IS NULL",
    "files": "EXISTS (SELECT 1 FROM intake_files f WHERE f.intake_id = s.intake_id)",
    "photos": "EXISTS (SELECT 1 FROM intake_files f JOIN thumbs t ON t.file_id = f.id WHERE f.intake_id = s.intake_id)",
    "summary": "s.mechanic_id IS NOT DISTINCT FROM :me "
    "AND EXISTS (SELECT 1 FROM session_summaries y WHERE y.session_id = s.id)",
    "rating": _RATING + " IS NOT NULL",
    "vin": "coalesce(i.vin, '') <> ''",
    "plate": "coalesce(i.plate, '') <> ''",
}
"""What a mechanic sees is never held by another: that is only known of requests that leave his screen."""
