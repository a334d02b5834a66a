"""Who is who in the old database, which knew each mechanic by two ids."""

from mechtui.server.legacy.tables import Old, Row


def mechanic_id_of(old: Old, given: str | None) -> str | None:
    """The mechanic's own id, whichever of his two ids is given. An id that is nobody's is left as it is."""
    if given is None or old.get("mechanics", given) is not None:
        return given
    known = old.where("mechanics", "user_id", given)
    return known[0].id if len(known) == 1 else given


def customer_id_of(old: Old, session: Row | None, requests: list[Row]) -> str | None:
    """The customer of a session: as it says, else as its request says, else the one with the intake's e-mail."""
    told = [row["customer_id"] for row in requests]
    for customer_id in ([session["customer_user_id"]] if session else []) + told:
        if customer_id is not None and old.get("profiles", customer_id) is not None:
            return str(customer_id)
    email = _email_of(old, session)
    known = old.where("profiles", "email", email) if email else []
    if len(known) == 1:
        return known[0].id
    return next((c for c in ([session["customer_user_id"]] if session else []) + told if c is not None), None)


def _email_of(old: Old, session: Row | None) -> str | None:
    intake = old.get("intakes", session["intake_id"]) if session else None
    email: str | None = intake["email"] if intake is not None else None
    return email
