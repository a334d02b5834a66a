"""Reading a query. Total: half-typed text gives a result, and what was not understood is named. Pure.

    query  = { clause } ;                        a space means "and"; `or` binds weaker
    clause = [ "-" ] ( group | term ) | "or" ;
    group  = "(" query ")" ;                     what is not closed ends with the text
    term   = field ":" value { "," value } | text [ "*" ] | type | day ;
    value  = [ "<" | "<=" | ">" | ">=" | "=" ] ( text [ "*" ] | a ".." b ) ;
    text   = a word | '"' words '"' ;            within quotes, "" is a quote

Types and days that stand side by side without a field are alternatives: `video chat`, `today yesterday`.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from mechtui.search.days import Today
from mechtui.search.fields import FIELDS, TYPES, Field, Value, field_named, nearest
from mechtui.search.tree import EVERYTHING, Among, Match, Node, Words, all_of, any_of, none_of


class Trouble(StrEnum):
    """Why a part of a query was not read as it may have been meant."""

    VALUE = "value"
    FIELD = "field"
    EMPTY = "empty"
    LENGTH = "length"
    TERMS = "terms"
    DEPTH = "depth"


@dataclass(frozen=True)
class Problem:
    """Something in a query that was left out, or read as plain text. `hint` is what may have been meant."""

    trouble: Trouble
    text: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Limits:
    """The most characters, terms and nested parentheses that are read of a query."""

    characters: int
    terms: int
    depth: int


TYPED = Limits(characters=500, terms=32, depth=8)
"""For what people type."""
SENT = Limits(characters=8_000, terms=128, depth=32)
"""For what `render` makes of it: longer, since every day is spelt out, and alternatives stand in parentheses."""


@dataclass(frozen=True)
class Query:
    """A query as it was typed, what it means, and what of it was not understood."""

    text: str = ""
    tree: Node = EVERYTHING
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return self.tree != EVERYTHING


def parse(text: str, today: Today, limits: Limits = TYPED) -> Query:
    """Read a query. Never raises."""
    reader = _Reader(text[: limits.characters], today, limits)
    if len(text) > limits.characters:
        reader.complain(Trouble.LENGTH, str(limits.characters))
    tree = reader.query()
    return Query(text, tree if tree is not None else EVERYTHING, tuple(dict.fromkeys(reader.problems)))


class _Clause(NamedTuple):
    """A part of a query. Bare ones of a kind, `type` or `day`, are alternatives where they stand side by side."""

    node: Node
    bare: str = ""


_SPACE = re.compile(r"\s*")
_OR = re.compile(r"or(?=[\s()]|\Z)", re.IGNORECASE)
_MINUS = re.compile(r"-+")
_TWO_WORDS = re.compile(r"(?:this|last)\s+(?:week|month|year)(?=[\s()]|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"]|"")*+)(?:"|\Z)(\*)?')
_PLAIN = re.compile(r"[^\s()]+")
_KEY = re.compile(r"([A-Za-z]+):(?!//)")
_OPERATOR = re.compile(r"<=|>=|<|>|=")
_VALUE = re.compile(r"[^\s(),]*")
_BARE_DAY = re.compile(r"(?!\d{4}(?:\.\.|\Z))(?!\w{3}\Z).+")
"""A year is rather a vehicle's, and `sun` or `sat` a word."""
_TYPE_PREFIX = 4
_DAYS = frozenset({"date", "from", "to", "before", "after"})


class _Reader:
    """One pass over the text of a query."""

    def __init__(self, text: str, today: Today, limits: Limits) -> None:
        self._text = text
        self._today = today
        self._limits = limits
        self._at = 0
        self._terms = 0
        self._depth = 0
        self._ignored = 0
        self.problems: list[Problem] = []

    def complain(self, trouble: Trouble, text: str = "", hint: str = "") -> None:
        """Note what was not understood."""
        self.problems.append(Problem(trouble, text, hint))

    def query(self) -> Node | None:
        """Everything up to the parenthesis that closes it, or to the end."""
        alternatives: list[list[_Clause]] = [[]]
        while not self._closed():
            if self._take(_OR):
                alternatives.append([])
            elif clause := self._clause():
                alternatives[-1].append(clause)
        found = [_together(clauses) for clauses in alternatives if clauses]
        return any_of(found) if found else None

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _sees(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _closed(self) -> bool:
        """Whether this group ends here. A parenthesis that closes nothing is passed over."""
        while self._take(_SPACE) and self._sees(")"):
            self._at += 1
            if self._ignored:
                self._ignored -= 1
            elif self._depth:
                return True
        return self._at >= len(self._text)

    def _clause(self) -> _Clause | None:
        minus = self._take(_MINUS)
        denied = minus is not None and len(minus[0]) % 2 == 1
        found = self._group() if self._sees("(") else self._term()
        return _Clause(none_of(found.node)) if found and denied else found

    def _group(self) -> _Clause | None:
        self._at += 1
        if self._depth == self._limits.depth:
            self.complain(Trouble.DEPTH, str(self._limits.depth))
            self._ignored += 1
            return None
        self._depth += 1
        found = self.query()
        self._depth -= 1
        return _Clause(found) if found is not None else None

    def _term(self) -> _Clause | None:
        if not _PLAIN.match(self._text, self._at) or not self._counted():
            return None
        if quoted := self._take(_QUOTED):
            value = _quoted(quoted)
            return _Clause(_words(value)) if value.text else None
        key = _KEY.match(self._text, self._at)
        field = field_named(key[1]) if key else None
        if key and field:
            self._at = key.end()
            return self._values(field, key[0])
        if key:
            self.complain(Trouble.FIELD, key[0], nearest(key[1]))
        return self._bare()

    def _counted(self) -> bool:
        """Whether one more term is read; after the last the rest is passed over."""
        self._terms += 1
        if self._terms <= self._limits.terms:
            return True
        self.complain(Trouble.TERMS, str(self._limits.terms))
        self._at = len(self._text)
        return False

    def _values(self, field: Field, key: str) -> _Clause | None:
        """The values of a field, divided by commas: any of them will do."""
        found: list[Node] = []
        empty = True
        while True:
            start = self._at
            value = self._value(field)
            node = field.read(value, self._today) if value.text else None
            if node is not None:
                found.append(node)
            elif value.text:
                self.complain(Trouble.VALUE, f"{key}{self._text[start : self._at]}")
            empty = empty and not value.text
            if not self._sees(",") or not self._counted():
                break
            self._at += 1
        if empty:
            self.complain(Trouble.EMPTY, key)
        return _Clause(_either(found)) if found else None

    def _value(self, field: Field) -> Value:
        operator = self._take(_OPERATOR)
        sign = operator[0] if operator else ""
        if quoted := self._take(_QUOTED):
            return replace(_quoted(quoted), operator=sign)
        if field.name in _DAYS and (two := self._take(_TWO_WORDS)):
            return Value(two[0], sign)
        plain = self._take(_VALUE)
        return replace(_starred(plain[0] if plain else ""), operator=sign)

    def _bare(self) -> _Clause | None:
        """A day, a type or a word."""
        found = self._take(_TWO_WORDS) or self._take(_PLAIN)
        word = found[0] if found else ""
        if _BARE_DAY.fullmatch(word) and (day := FIELDS["date"].read(Value(word), self._today)):
            return _Clause(day, "day")
        low = word.lower()
        kind = next((kind for kind in TYPES if len(low) >= _TYPE_PREFIX and kind.startswith(low)), None)
        if kind:
            return _Clause(Among("type", (kind,)), "type")
        value = _starred(word)
        return _Clause(_words(value)) if value.text else None


def _quoted(found: re.Match[str]) -> Value:
    return Value(found[1].replace('""', '"'), quoted=True, star=bool(found[2]))


def _starred(text: str) -> Value:
    return Value(text.removesuffix("*"), star=text.endswith("*"))


def _words(value: Value) -> Words:
    return Words("text", value.text, Match.START if value.star else Match.INSIDE)


def _together(clauses: list[_Clause]) -> Node:
    """The clauses as one; bare types, and bare days, each as alternatives in the place of the first of them."""
    parts: dict[object, list[Node]] = {}
    for n, clause in enumerate(clauses):
        parts.setdefault(clause.bare or n, []).append(clause.node)
    return all_of(_either(alternatives) for alternatives in parts.values())


def _either(nodes: list[Node]) -> Node:
    """One of the nodes; choices of one field as one choice."""
    choices = [node for node in nodes if isinstance(node, Among)]
    if len(choices) < len(nodes):
        return any_of(nodes)
    return Among(choices[0].field, tuple(sorted({value for choice in choices for value in choice.values})))
