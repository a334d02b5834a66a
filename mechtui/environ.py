"""What a program we start is told of our own environment."""

import os

_WITH_SECRETS = ("MECHTUI_", "PG")
"""How settings of mechtui and of PostgreSQL begin: tokens and passwords may be among them."""


def for_others() -> dict[str, str]:
    """All but the settings that hold secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_WITH_SECRETS)}
