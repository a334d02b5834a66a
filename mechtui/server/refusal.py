"""A refusal: the answer to a wish that may not come true. Nothing was changed."""

from typing import Any

from mechtui.models import Code


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """The wish is refused with `status` and `code`; `error` is for people, `more` what the code carries."""

    def __init__(self, status: int, code: Code, error: str, **more: Any) -> None:
        super().__init__(error)
        self.status = status
        self.code = code
        self.error = error
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        """The refusal as it goes over the wire."""
        return {"error": self.error, "code": str(self.code), **self.more}

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What HTTP wants to be told besides, as ASGI spells headers."""
        if self.status == 401:
            return [(b"www-authenticate", b"Bearer")]
        wait = self.more.get("retry_after")
        return [] if wait is None else [(b"retry-after", str(wait).encode())]


def signed_out() -> Refusal:
    """There is no token, or none that is good, or no longer."""
    return Refusal(401, Code.SIGNED_OUT, "This needs a valid token: Authorization: Bearer <token>.")


def not_found(what: str = "session") -> Refusal:
    """There is none, or none for this caller to see: he is not told which."""
    return Refusal(404, Code.NOT_FOUND, f"There is no such {what}, or it is not yours to see.")
