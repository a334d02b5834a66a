"""Damage in what a session refers to: people, intake, plan. K22 to K27."""

from collections.abc import Iterator

from mechtui.server.legacy.kinds import Damage, Fate, Hit, hit, kind
from mechtui.server.legacy.people import mechanic_id_of
from mechtui.server.legacy.plans_of_old import TYPES, plan_of
from mechtui.server.legacy.tables import Row


@kind(22, "mechanic known by the wrong one of his ids",
      "his own id; one that is nobody's becomes a mechanic who is not on record and cannot sign in")  # fmt: skip
def k22(d: Damage) -> Iterator[Hit]:
    """Two id spaces, and code that took one for the other."""
    for session in d.old.all("sessions"):
        given = session["mechanic_id"]
        if given is not None and d.old.get("mechanics", given) is None:
            yield hit(session, words="" if mechanic_id_of(d.old, given) != given else "nobody's id")


@kind(23, "customer who is not there", "whom the request names, or who has the intake's e-mail; else he is made")
def k23(d: Damage) -> Iterator[Hit]:
    """No id, or one of nobody."""
    for session in d.old.all("sessions"):
        if d.old.get("profiles", session["customer_user_id"]) is None:
            yield hit(session)


@kind(24, "intake that is not there", "it is made of what request and vehicle say; the concern says that none was on "
      "record")  # fmt: skip
def k24(d: Damage) -> Iterator[Hit]:
    """No id, or one of nothing."""
    yield from (hit(s) for s in d.old.all("sessions") if d.old.get("intakes", s["intake_id"]) is None)


@kind(25, "type that is missing, or not its plan's", "missing: the plan's; else it keeps its own, and with it its page")
def k25(d: Damage) -> Iterator[Hit]:
    """The page has the wrong address."""
    for session in d.old.all("sessions"):
        plan = plan_of(d.old, session["plan"])
        if session["type"] not in TYPES:
            yield hit(session, fate=None if plan and session["type"] is None else Fate.QUARANTINED)
        elif plan is not None and plan.type != session["type"]:
            yield hit(session)


@kind(26, "plan that nobody knows", "an inactive plan of that name; its price is what was paid, or stands as nothing")
def k26(d: Damage) -> Iterator[Hit]:
    """Neither in the table nor in the code."""
    yield from (hit(s) for s in d.old.all("sessions") if plan_of(d.old, s["plan"]) is None)


def urgencies(d: Damage, session: Row) -> set[bool]:
    """What intake, request and session say about it being urgent."""
    intake = d.old.get("intakes", session["intake_id"])
    told = [row["is_urgent"] for row in d.links.requests_of(session)]
    if intake is not None:
        told.append(intake["urgent"])
    told.append(session["metadata"].get("urgent"))
    return {said in (True, "true", 1) for said in told if said is not None}


@kind(27, "urgent to one and not to another", "urgent")
def k27(d: Damage) -> Iterator[Hit]:
    """It was carried through some layers only."""
    yield from (hit(s) for s in d.old.all("sessions") if len(urgencies(d, s)) > 1)
