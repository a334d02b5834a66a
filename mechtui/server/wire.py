"""How the backend writes JSON: compact, in UTF-8."""

import json

to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""A value as one line of compact JSON."""
