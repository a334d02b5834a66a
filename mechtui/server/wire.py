"""How the backend writes JSON: compact and in ASCII."""

import json
from typing import Any


def to_json(value: Any) -> str:
    """`value` as one line of compact ASCII JSON."""
    return json.dumps(value, separators=(",", ":"))
