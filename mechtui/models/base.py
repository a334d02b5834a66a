"""What all wire models are made from, and the limits of what they take."""

from pydantic import BaseModel, ConfigDict

API_VERSION = 1
"""Raised when an older client could misread an answer."""

TEXT_LIMIT = 20_000
"""Longest text of several lines taken, in characters; a longer one is a 422."""
LINE_LIMIT = 2_000
"""Longest single line taken. What a row is made of is bounded by it, so that a frame of the feed is, too."""

FILES_LIMIT = 12
FILE_BYTES_LIMIT = 8 * 1024 * 1024


class Answer(BaseModel):
    """Base of all that the server says: unknown fields are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Request(BaseModel):
    """Base of all that a client asks: unknown fields are refused. Built at once: a route of the backend needs it so."""

    model_config = ConfigDict(extra="forbid", frozen=True)
