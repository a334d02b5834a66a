"""How the backend writes JSON: compact, in UTF-8."""

from typing import Any

import orjson
from fastapi.responses import Response


def to_json(value: Any) -> str:
    """A value as one line of compact JSON; a named tuple as a list."""
    return _written(value).decode()


def json_response(value: Any, status: int = 200) -> Response:
    """A value as an HTTP answer."""
    return Response(_written(value), status_code=status, media_type="application/json")


def _written(value: Any) -> bytes:
    return orjson.dumps(value, default=tuple)
