"""What an answer of the backend means, or what stands there instead of one."""

import json
import os
import ssl
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from mechtui.api_errors import ApiError, TooOld, Unreachable, refusal
from mechtui.models import Answer, Code, Problem

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class NoAnswer:
    """An attempt of a write that told nothing about its outcome; `why` is for people.

    `refused` says that it was one too many, so that it did not happen; it may be made again after `wait` seconds.
    """

    why: str
    may_have_happened: bool
    wait: float = 0.0
    refused: ApiError | None = None


class _BareProblem(Answer):
    error: str
    code: str


def parsed(model: type[Model], content: bytes, server: str) -> Model:
    """The body of a 2xx as a `model`. Raises `Unreachable` when it is no JSON, `TooOld` when it does not fit."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise _misfit(error, server) from error


def tells_nothing(response: httpx.Response) -> NoAnswer | None:
    """Why the answer to a write leaves its outcome open; nothing when it tells."""
    problem = problem_in(response)
    if response.status_code == 429:
        ours = problem is not None and problem.code == Code.TOO_MANY
        refused = refusal_in(response) if ours else None
        return NoAnswer(in_words(response), may_have_happened=False, wait=seconds_to_wait(response), refused=refused)
    if response.status_code >= 500 or (problem is not None and problem.code == Code.IN_FLIGHT):
        return NoAnswer(in_words(response), may_have_happened=True)
    if problem is None and not (response.is_success and _is_json(response)):
        return NoAnswer(in_words(response), may_have_happened=True)
    return None


def refusal_in(response: httpx.Response) -> ApiError | None:
    """The error for an answer that says no; nothing for one that does not."""
    problem = problem_in(response)
    return None if problem is None else refusal(problem, response.status_code)


def problem_in(response: httpx.Response) -> Problem | None:
    """The backend's reason in an answer that is no success; nothing when somebody else gave it.

    A newer backend may tell more in a form not known here; its `error` and `code` count all the same.
    """
    if response.is_success:
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return _bare_problem(response.content)


def _bare_problem(content: bytes) -> Problem | None:
    try:
        bare = _BareProblem.model_validate_json(content)
    except ValidationError:
        return None
    return Problem(error=bare.error, code=bare.code)


def seconds_to_wait(response: httpx.Response) -> float:
    """How long an answer asks to wait before the next attempt (`Retry-After` in seconds, RFC 9110 §10.2.3)."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0.0


def in_words(response: httpx.Response) -> str:
    """An answer that is no answer, for people."""
    problem = problem_in(response)
    if problem is not None:
        return f"it answered {response.status_code}, {problem.error.rstrip('.')}"
    if response.status_code >= 500:
        return f"it answered {response.status_code}"
    return f"what answered there ({response.status_code}) is not a mechtui backend, or something stands in between"


def failure_in_words(error: httpx.RequestError) -> str:
    """Why there was no answer at all, for people."""
    match error:
        case httpx.ConnectTimeout():
            return "no connection in time"
        case httpx.ConnectError():
            return f"no connection ({system_words(error)})"
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.UnsupportedProtocol():
            return str(error)
        case _:
            return "the line was cut"


def system_words(error: BaseException) -> str:
    """What the system said when it could not connect, however deep the libraries wrapped it; for people."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case ssl.SSLError():
                return str(cause)
            case OSError(errno=int() as number) if number > 0:
                return os.strerror(number).lower()
            case OSError(strerror=str() as words):
                return words.lower()
        cause = cause.__cause__ or cause.__context__
    return str(error)


def _misfit(error: ValidationError, server: str) -> ApiError:
    """What an answer that does not fit the models says about its sender.

    Fields of answers are only ever added: one that is missing shows an older backend, one of another shape a newer.
    """
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Unreachable(server, "the answer does not come from a mechtui backend")
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "missing":
        return TooOld("backend", f"its answer has no {where}")
    return TooOld("terminal", f"it does not understand {where} in the backend's answer")


def _is_json(response: httpx.Response) -> bool:
    try:
        json.loads(response.content)
    except ValueError:
        return False
    return True
