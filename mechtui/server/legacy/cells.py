"""What may stand in the cells of an export, and what it is for us. Pure.

CSV has text only, JSON has types; a time may be written in several ways. Whatever is not what its column says raises
`ValueError`, so that nobody takes it for something else.
"""

import json
import math
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Read = Callable[[Any], Any]
_TRUE = {"true", "t", "1", "yes"}
_FALSE = {"false", "f", "0", "no"}
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def text(cell: Any) -> str | None:
    """Words. Nothing for an empty cell: CSV does not tell the two apart."""
    if cell is None or isinstance(cell, (dict, list)):
        if cell:
            raise ValueError("is no text")
        return None
    words = str(cell)
    words.encode("utf-8")
    return words if words.strip() else None


def key(cell: Any) -> str | None:
    """An id: a UUID as the old database has them, or nothing."""
    words = text(cell)
    try:
        return None if words is None else str(uuid.UUID(words))
    except ValueError as error:
        raise ValueError(
            "is no UUID; ids of the old database are, like 3f0c7a52-6d0e-4a58-9c0a-2f6f0b6a4d11"
        ) from error


def word(cell: Any) -> str | None:
    """A word out of a set, such as a status, however it is spelt."""
    words = text(cell)
    return words and words.strip().lower()


def time(cell: Any) -> datetime | None:
    """A moment in UTC, to the millisecond: ISO 8601 (without a zone it is UTC), or seconds since 1970."""
    words = text(cell)
    if words is None:
        return None
    try:
        at = datetime.fromtimestamp(float(words), UTC)
    except ValueError:
        at = datetime.fromisoformat(words.strip())
    except (OverflowError, OSError) as error:
        raise ValueError("is no time") from error
    at = at.replace(tzinfo=at.tzinfo or UTC)
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("is no time of the old shop")
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def whole(cell: Any) -> int | None:
    """A whole number."""
    words = text(cell)
    if words is None:
        return None
    number = float(words)
    if not math.isfinite(number) or number != int(number) or abs(number) > 2**31:
        raise ValueError("is no whole number")
    return int(number)


def cents(cell: Any) -> int | None:
    """An amount of money in its main unit, as cents."""
    words = text(cell)
    if words is None:
        return None
    amount = float(words)
    if not 0 <= amount < 1e7:
        raise ValueError("is no price")
    return round(amount * 100)


def flag(cell: Any) -> bool | None:
    """Yes or no."""
    words = word(cell)
    if words is None:
        return None
    if words not in _TRUE | _FALSE:
        raise ValueError("is neither true nor false")
    return words in _TRUE


def things(cell: Any) -> dict[str, Any]:
    """An object of JSON; an empty one for an empty cell."""
    told = _json(cell)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise ValueError("is no object")
    return told


def several(cell: Any) -> list[Any]:
    """A list of JSON; an empty one for an empty cell."""
    told = _json(cell)
    if told is None:
        return []
    if not isinstance(told, list):
        raise ValueError("is no list")
    return told


def _json(cell: Any) -> Any:
    told = cell
    if isinstance(cell, str):
        try:
            told = json.loads(cell) if cell.strip() else None
        except RecursionError as error:
            raise ValueError("is nested too deeply") from error
    json.dumps(told, ensure_ascii=False).encode("utf-8")
    return told


def quietly(read: Read, cell: Any) -> Any:
    """What `read` makes of something inside an object, where nothing is promised; nothing if it cannot."""
    try:
        return read(cell)
    except (ValueError, TypeError):
        return None
