"""JSON Schema, as far as the backend's own description of itself uses it: values that fit, and what does not fit.

Written without the models: they must not be their own judges. A word of a schema that is not known here is an error.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Schema = dict[str, Any]

_OF_NO_IMPORT = {"title", "description", "default"}
_KNOWN = _OF_NO_IMPORT | {
    "$ref", "anyOf", "type", "format", "properties", "required", "items", "additionalProperties", "enum", "pattern",
    "minLength", "maxLength", "minimum", "maximum", "maxItems",
}  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
NASTY = (
    "", " ", "0", "-1", "null", "true", "'", '"', "%", "%00", "../..", "a" * 3000, "\x00", "\x1b]0;x\x07", "\u202e",
    "\ud800", "\U0001f527", "ﷺ" * 50, "' OR 1=1 --", "[/]", "NaN", "9" * 400, "\u2028", "2026-02-30", "-- ",
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    -0.0,
    1e308,
    [],
    {},
    [[]],
    {"": None},
    [None] * 300,
    *NASTY,
)


class Schemas:
    """A description's named schemas."""

    def __init__(self, openapi: dict[str, Any]) -> None:
        self._named: dict[str, Schema] = openapi["components"]["schemas"]

    def _resolved(self, schema: Schema) -> Schema:
        unknown = schema.keys() - _KNOWN
        if unknown:
            raise NotImplementedError(f"not known to this judge: {sorted(unknown)}")
        return self._named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def misfits(self, value: Any, schema: Schema, where: str = "") -> Iterator[str]:
        """Where a value is not what the schema says, in words."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            if not any(not list(self.misfits(value, one)) for one in schema["anyOf"]):
                yield f"{where or 'it'} is none of what it may be: {value!r:.80}"
            return
        kind = schema.get("type")
        if kind is not None and not _is(value, kind):
            yield f"{where or 'it'} is no {kind}: {value!r:.80}"
        elif isinstance(value, dict):
            yield from self._misfits_of_object(value, schema, where)
        elif isinstance(value, list):
            for number, one in enumerate(value):
                yield from self.misfits(one, schema.get("items", {}), f"{where}[{number}]")
        else:
            yield from _misfits_of_scalar(value, schema, where)

    def _misfits_of_object(self, value: dict[str, Any], schema: Schema, where: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{where} has no {name}"
        for name, one in value.items():
            if name in properties:
                yield from self.misfits(one, properties[name], f"{where}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self.misfits(one, schema["additionalProperties"], f"{where}.{name}")

    def fitting(self, schema: Schema, chance: Random) -> Any:
        """A value that fits, but for a `pattern`, which it may miss."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return self.fitting(chance.choice(schema["anyOf"]), chance)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                needed = schema.get("required", ())
                every = schema.get("properties", {}).items()
                return {
                    name: self.fitting(one, chance) for name, one in every if name in needed or chance.random() < 0.4
                }
            case "array":
                most = min(schema.get("maxItems", 3), 3)
                return [self.fitting(schema["items"], chance) for _ in range(chance.randint(0, most))]
            case "string":
                return _text(schema, chance)
            case "integer" | "number":
                return chance.randint(int(schema.get("minimum", -5)), int(schema.get("maximum", 5000)))
            case "boolean":
                return chance.random() < 0.5
        return None

    def almost(self, schema: Schema, chance: Random) -> Any:
        """A value that fits but for one thing."""
        value = self.fitting(schema, chance)
        if not isinstance(value, dict) or not value or chance.random() < 0.1:
            return chance.choice(WRONG)
        name = chance.choice(list(value))
        match chance.randrange(3):
            case 0:
                del value[name]
            case 1:
                value[name] = chance.choice(WRONG)
            case _:
                value[chance.choice(NASTY)] = chance.choice(WRONG)
        return value


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _misfits_of_scalar(value: Any, schema: Schema, where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is not one of {schema['enum']}: {value!r:.80}"
    if schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{where} is no time: {value!r:.80}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where} is not like {schema['pattern']}: {value!r:.80}"


def _text(schema: Schema, chance: Random) -> str:
    if schema.get("format") == "date-time":
        return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(-(10**6), 10**6))).isoformat()
    text = chance.choice(("Jo Doe", "It stalls.", str(uuid.UUID(int=chance.getrandbits(128))), *NASTY))
    shortest, longest = int(schema.get("minLength", 0)), int(schema.get("maxLength", 10**6))
    return (text + "x" * max(0, shortest - len(text)))[:longest]
