"""How the backend writes JSON: compact, in UTF-8."""

from typing import Any

import pydantic_core
from fastapi.responses import Response


def to_json(value: Any) -> str:
    """A value as one line of compact JSON."""
    return pydantic_core.to_json(value).decode()


def json_response(value: Any, status: int = 200) -> Response:
    """A value as an HTTP answer."""
    return Response(pydantic_core.to_json(value), status_code=status, media_type="application/json")
