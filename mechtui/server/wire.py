"""How the backend writes JSON: compact, in UTF-8."""

import json
from typing import Any

from fastapi.responses import Response

to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""A value as one line of compact JSON."""


def json_response(value: Any, status: int = 200) -> Response:
    """A value as an HTTP answer."""
    return Response(to_json(value), status_code=status, media_type="application/json")
