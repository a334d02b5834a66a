"""Looking through the old data for every kind of damage."""

from collections.abc import Iterator
from datetime import datetime

from mechtui.server.legacy import damage_accepts, damage_accounts, damage_ends, damage_rest
from mechtui.server.legacy.kinds import KINDS, Damage, OldFinding
from mechtui.server.legacy.links import Links
from mechtui.server.legacy.tables import Old

DECLARED_IN = (damage_accepts, damage_ends, damage_accounts, damage_rest)
"""Where the kinds are declared."""


def findings(old: Old, now: datetime) -> Iterator[OldFinding]:
    """Everything that is wrong, kind by kind."""
    damage = Damage(old, Links(old), now)
    for number in sorted(KINDS):
        for found in KINDS[number].find(damage):
            yield OldFinding(KINDS[number], found.rows, found.fate or KINDS[number].fate, found.words)
