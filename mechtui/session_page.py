"""The address of a session's page, checked before anybody opens it."""

import re

from mechtui.api_errors import NoPage
from mechtui.models import Session, UnknownSessionTypeError, session_url

_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
_WEB_ADDRESS = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:/[A-Za-z0-9._~%/-]*)?")
"""An http(s) address and nothing but: no credentials, no query, no character that could act."""


def page_url(session: Session) -> str:
    """The address of the session's page, checked: what the backend sent must be what `session_url` makes.

    Raises `NoPage` when the session is not open to this mechanic, its type is unknown, or the address is not an
    http(s) one that ends in the session's own type and id. It never guesses another.
    """
    url = session.url
    if url is None:
        raise NoPage(f"Session {session.id} is {session.status}: its page is not open to you.")
    try:
        base = url.removesuffix(session_url("", session.type, session.id))
        right = session_url(base, session.type, session.id) == url
    except UnknownSessionTypeError as error:
        raise NoPage(f"Nothing was opened: {error}. Update the terminal.") from error
    if not right or not _WEB_ADDRESS.fullmatch(base):
        raise NoPage(
            f"Nothing was opened: the backend's address for this {session.type} session is not its page: {url}"
        )
    return url
