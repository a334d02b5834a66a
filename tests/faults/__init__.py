"""Faults: races, kill -9, cut lines. `make test` runs the small numbers, `make faults` the large ones.

Every one of them is also run against a backend with a planted bug, which it has to catch.
"""

import os

LARGE = os.environ.get("MECHTUI_FAULTS") == "large"
"""Whether the large numbers were asked for."""
