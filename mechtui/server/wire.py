"""How the backend writes JSON: compact, in UTF-8."""

import json
from typing import Any


def to_json(value: Any) -> str:
    """`value` as one line of compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
