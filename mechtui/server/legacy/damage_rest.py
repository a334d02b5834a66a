"""Damage beside the sessions: money, follow-ups, extensions, ratings, files. K30 to K33, K35."""

from collections.abc import Iterator

from mechtui.server.legacy.kinds import Damage, Fate, Hit, hit, kind
from mechtui.server.legacy.people import mechanic_id_of
from mechtui.server.legacy.tables import Row


@kind(
    30, "money that is not where the work was", "left to people: earnings are not moved, ours are derived", Fate.LISTED
)
def k30(d: Damage) -> Iterator[Hit]:
    """Paid out, but not completed; paid to another; paid twice."""
    for session in d.old.all("sessions"):
        earned = d.old.where("mechanic_earnings", "session_id", session.id)
        payout = session["metadata"].get("payout")
        paid = isinstance(payout, dict) and payout.get("status") == "transferred"
        mine = mechanic_id_of(d.old, session["mechanic_id"])
        others = [e for e in earned if mechanic_id_of(d.old, e["mechanic_id"]) != mine]
        if (paid and session["status"] != "completed") or others or len(earned) > 1:
            yield hit(session, *earned)


@kind(
    31, "follow-up that says of what in two ways, or not at all", "an earlier session is what it follows, not its own"
)
def k31(d: Damage) -> Iterator[Hit]:
    """`parent_session_id` had two meanings."""
    for request in d.old.all("session_requests"):
        if request["is_follow_up"] and request["parent_session_id"] is None:
            yield hit(request, fate=Fate.LISTED)
        elif d.links.is_second_meaning(request):
            yield hit(request)


@kind(32, "extension that was never paid, or that the session counts otherwise", "the extensions' own rows count")
def k32(d: Damage) -> Iterator[Hit]:
    """Two books of the same minutes."""
    for session in d.old.all("sessions"):
        rows = d.old.where("session_extensions", "session_id", session.id)
        told = session["metadata"].get("extended_duration")
        minutes = sum(row["minutes"] or 0 for row in rows)
        disagree = isinstance(told, int) and told != minutes
        if disagree or any(row["payment_intent_id"] is None for row in rows):
            yield hit(session, *rows)


@kind(33, "several ratings of one session", "the newest review is the customer's word; without times, a guess")
def k33(d: Damage) -> Iterator[Hit]:
    """He was asked in three places."""
    for session in d.old.all("sessions"):
        reviews = reviews_of(d, session)
        ratings = {r["rating"] for r in reviews} | ({session["rating"]} if session["rating"] is not None else set())
        if len(reviews) > 1 or len(ratings) > 1:
            sure = len(reviews) < 2 or None not in {r["created_at"] for r in reviews}
            yield hit(*(reviews if not sure else [session, *reviews]), fate=None if sure else Fate.QUARANTINED)


def reviews_of(d: Damage, session: Row) -> list[Row]:
    """The reviews of a session, the newest first."""
    rows = d.old.where("session_reviews", "session_id", session.id)
    return sorted(rows, key=lambda r: (str(r["created_at"] or ""), r.id), reverse=True)


@kind(35, "file of which nothing is left", "it is set aside: there is nothing to move", Fate.QUARANTINED)
def k35(d: Damage) -> Iterator[Hit]:
    """No path and no words, or no session."""
    for file in d.old.all("session_files"):
        homeless = d.old.get("sessions", file["session_id"]) is None
        if homeless or not (file["storage_path"] or file["transcript"]):
            yield hit(file)
