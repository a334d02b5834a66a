"""The old words for where a session stands. Every place in the old code had its own."""

OPEN = frozenset({"pending", "waiting", "live"})
KNOWN = frozenset({"scheduled", "pending", "waiting", "live", "completed", "cancelled", "expired"})
OVER = frozenset({"completed", "cancelled", "expired", "refunded", "archived"})
ALIASES = {
    "accepted": "waiting",
    "reconnecting": "live",
    "in_progress": "live",
    "active": "live",
    "ended": "completed",
    "done": "completed",
    "finished": "completed",
    "closed": "completed",
    "refunded": "completed",
    "archived": "completed",
    "canceled": "cancelled",
    "cancelled_no_show": "cancelled",
    "unattended": "expired",
}
"""Words that code of the old shop wrote, and what they say. One that stands nowhere here says nothing to anybody."""


def meant(status: str | None) -> str | None:
    """The status of ours, or `scheduled`, that a word says; nothing for an unknown one."""
    if status in KNOWN:
        return status
    return ALIASES.get(status or "")
