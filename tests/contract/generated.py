"""What schemathesis makes of `/openapi.json`: requests that fit it and some that do not; and how it judges answers."""

import json
import uuid
from functools import cache
from typing import Any

import hypothesis.core
import requests
import schemathesis
from hypothesis import strategies as st
from hypothesis.vendor import pretty
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.asker import KNOWN_IDS, Answer, Asked, Asker

Case = schemathesis.Case[Any]

# schemathesis puts one in its place that prints nothing, and no other test of this process would show its example.
setattr(hypothesis.core, "RepresentationPrinter", pretty.RepresentationPrinter)  # noqa: B010

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
_HOST = "http://127.0.0.1:8420"
_OFTEN = 0.8


@cache
def every_case(openapi: str) -> st.SearchStrategy[Case]:
    """Requests to all routes of a description in JSON; half break it in one point, where there is anything to break.

    What it takes to make them of it is made once in a process, and kept.
    """
    described = schemathesis.openapi.from_dict(json.loads(openapi))
    routes = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    fitting, breaking = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    told = [one for one in routes if one.body or any(one.iter_parameters())]
    return st.one_of(
        *(one.as_strategy(generation_mode=fitting) for one in routes),
        *(one.as_strategy(generation_mode=breaking) for one in told),
    )


def aim(case: Case, asking: Asker) -> None:
    """Mostly ask about a session and a file that are there, under a new key: no name that was made up finds one."""
    for name, known in (("session_id", asking.ids), ("file_id", asking.files)):
        if name in case.path_parameters and asking.chance.random() < _OFTEN:
            case.path_parameters[name] = asking.chance.choice(known[-KNOWN_IDS:])
    if "Idempotency-Key" in case.headers and asking.chance.random() < _OFTEN:
        case.headers["Idempotency-Key"] = str(uuid.UUID(int=asking.chance.getrandbits(128)))
    if isinstance(case.body, dict) and isinstance(case.body.get("requestId"), str) and asking.chance.random() < _OFTEN:
        case.body = case.body | {"requestId": asking.chance.choice(asking.ids[-KNOWN_IDS:])}


def prepared(case: Case, token: str) -> requests.PreparedRequest:
    """The request as it would go over a line."""
    headers = {"Authorization": f"Bearer {token}"} if token else None
    return requests.Request(**case.as_transport_kwargs(_HOST, headers)).prepare()


def as_asked(request: requests.PreparedRequest) -> Asked:
    """The same for a backend in this process."""
    url, method, body = request.url or "", request.method or "", request.body or b""
    assert isinstance(body, str | bytes)
    told = ((_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items())
    return Asked("", method, url.removeprefix(_HOST), ((b"host", b"127.0.0.1"), *told), _bytes(body))


def wrong(case: Case, request: requests.PreparedRequest, answer: Answer) -> str:
    """What is wrong with an answer, in words; empty when nothing is."""
    headers = {name.decode("latin-1"): [value.decode("latin-1")] for name, value in answer.headers.items()}
    told = schemathesis.Response(answer.status, headers, answer.body, request, elapsed=0.0, verify=False)
    try:
        case.validate_response(told, checks=CHECKS)
    except (Failure, FailureGroup) as failed:
        return f"{as_asked(request)}\n  {answer.status} {answer.body!r:.300}\n  {failed}"
    return ""


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text
