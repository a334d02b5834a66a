"""The plans on offer, as the settings name them, in the database."""

from mechtui.config import PlanSetting
from mechtui.server.db.connection import Connection
from mechtui.server.db.errors import DatabaseError

_OFFERED = "SELECT code, type, name, minutes, price_cents, mechanic_share_bp, standard FROM plans WHERE active = 1"
_PUT = """
INSERT INTO plans (code, type, name, minutes, price_cents, mechanic_share_bp, standard, active)
VALUES (?, ?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (code) DO UPDATE SET type = excluded.type, name = excluded.name, minutes = excluded.minutes,
  price_cents = excluded.price_cents, mechanic_share_bp = excluded.mechanic_share_bp,
  standard = excluded.standard, active = 1
"""


def put(connection: Connection, plans: tuple[PlanSetting, ...]) -> None:
    """Store them where they differ. A plan no longer on offer stays, inactive: past sessions refer to it."""
    wanted = {(p.code, p.type, p.name, p.minutes, p.price_cents, p.mechanic_share_bp, int(p.standard)) for p in plans}
    if set(connection.execute(_OFFERED)) != wanted:
        connection.execute("UPDATE plans SET active = 0, standard = 0")
        connection.executemany(_PUT, sorted(wanted))


def do_not_fit(database: str, error: Exception) -> DatabaseError:
    """What is said when the schema refuses the plans."""
    return DatabaseError(
        f"the plans do not fit what {database} holds ({error}); each type may have one standard plan, "
        "and a code keeps its type for ever"
    )
