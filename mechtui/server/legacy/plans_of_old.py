"""The plans of the old shop: those in its table, and those that only its code knew."""

from typing import NamedTuple

from mechtui.config import DEFAULT_PLANS
from mechtui.server.legacy.tables import Old

TYPES = ("chat", "video", "diagnostic")


class OldPlan(NamedTuple):
    """A plan: minutes and price are what it says of itself."""

    code: str
    type: str
    name: str
    minutes: int
    price_cents: int


_ALIASES = {
    **dict.fromkeys(("free", "trial", "trial-free"), ("chat", 5, 0)),
    **dict.fromkeys(("chat10", "quick"), ("chat", 30, 999)),
    **dict.fromkeys(("video15", "standard"), ("video", 45, 2999)),
    **dict.fromkeys(("diagnostic", "inspection", "premium"), ("diagnostic", 60, 4999)),
}
_STANDARD_MINUTES = {plan.type: plan.minutes for plan in DEFAULT_PLANS if plan.standard}


def type_of(code: str) -> str:
    """The type of session a plan's code stands for: the rule of the old code."""
    if any(part in code for part in ("chat", "quick", "free", "trial")):
        return "chat"
    return "diagnostic" if "diagnostic" in code else "video"


def plan_of(old: Old, code: str | None) -> OldPlan | None:
    """The plan with this code, or nothing where nobody ever knew it."""
    row = old.get("service_plans", code)
    known = _ALIASES.get(code or "")
    if code is None or (row is None and known is None):
        return None
    type_, minutes, price = known or (type_of(code), 0, 0)
    if row is not None:
        minutes = max(row["duration_minutes"] or 0, 0) or minutes
        price = price if row["price"] is None else row["price"]
    name = (row["name"] if row is not None else None) or code
    return OldPlan(code, type_, name, minutes or _STANDARD_MINUTES[type_], price)


def minutes_of(old: Old, code: str | None, type_: str | None) -> int:
    """How long a session of this plan is planned; for an unknown one, as long as others of its type."""
    plan = plan_of(old, code)
    return plan.minutes if plan else _STANDARD_MINUTES.get(type_ or "", 30)
