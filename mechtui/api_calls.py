"""One call to the backend: what is sent, how often, and what its answer means.

A read may be sent as often as one likes. A write goes out under a key that is in the journal first, and only ever
again under the same key, so that however often it is sent it happens once at most.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypedDict, Unpack
from uuid import uuid4

import httpx

from mechtui import __version__
from mechtui.api_answers import (
    Model,
    NoAnswer,
    failure_in_words,
    in_words,
    parsed,
    problem_in,
    refusal_in,
    seconds_to_wait,
    tells_nothing,
)
from mechtui.api_errors import ApiError, NoJournal, OutcomeUnknown, Refused, Unreachable, refusal
from mechtui.credentials import checked_server, checked_token
from mechtui.journal import Entry, Journal, JournalError, identity
from mechtui.models import API_VERSION, Code, Request
from mechtui.trust import trusted

WRITE_SECONDS = 10.0
"""How long a write is tried: longer than a backend takes to start anew, shorter than a mechanic's patience."""
ATTEMPT_SECONDS = 4.0
"""How long one attempt of a write waits for its answer: one that got lost must leave time for the next."""
FIRST_PAUSE_SECONDS = 0.25
"""Upper end of the first pause between two attempts; it doubles with each, up to `LONGEST_PAUSE_SECONDS`."""
LONGEST_PAUSE_SECONDS = 2.0
READ_PAUSES_SECONDS = (0.1, 0.3)
"""Upper ends of the pauses before a read is tried again when the line failed; a time-out has waited enough."""
READ_WAIT_SECONDS = 2.0
"""How long a backend that is asked too much may have a read wait, once; for longer, the reason is told at once."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LOG = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class Options(TypedDict, total=False):
    """What may be told about a client besides address and token; the last four are for tests.

    Without a `journal` a write whose answer was lost cannot be asked about after this process has ended. `timeout`
    is in seconds, 10 unless told, for each step of a call: connecting, sending, waiting for the next bytes. `heard`
    is given the text of each answer before it is returned as a model: what a model does not know is only there.
    """

    journal: Journal | None
    timeout: float
    heard: Callable[[bytes], None]
    transport: httpx.AsyncBaseTransport | None
    clock: Callable[[], float]
    sleep: Sleep
    jitter: Callable[[float, float], float]


class Calls:
    """Calls to the backend at `server` under one token.

    Raises `ValueError` for an address that is not http(s), or a token that cannot be sent.
    """

    def __init__(self, server: str, token: str, **options: Unpack[Options]) -> None:
        self.server = checked_server(server)
        self._token = checked_token(token)
        self._journal = options.get("journal")
        self._transport = options.get("transport")
        self._timeout = options.get("timeout", 10.0)
        self._heard = options.get("heard")
        self._clock = options.get("clock", time.monotonic)
        self._sleep = options.get("sleep", asyncio.sleep)
        self._jitter = options.get("jitter", random.uniform)
        self._client: httpx.AsyncClient | None = None
        self._under_way: set[str] = set()

    async def aclose(self) -> None:
        """Close the connections. The client may be used again; it opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def read(self, model: type[Model], path: str, params: Mapping[str, str] | None = None) -> Model:
        """The answer of `GET path`. Raises `Unreachable`, `SignedOut`, `Refused`, `TooOld`."""
        return self._parsed(model, await self.read_bytes(path, params))

    async def read_bytes(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body of `GET path` as it is; errors as for `read`."""
        response = await self._get(path, params)
        if not response.is_success:
            raise self._no(response)
        return response.content

    async def stream(self, path: str) -> AsyncGenerator[bytes, None]:
        """The body of `GET path` in pieces as they come, asked once; errors as for `read`."""
        try:
            async with self._http().stream("GET", path) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._no(response)
                async for piece in response.aiter_bytes():
                    yield piece
        except httpx.RequestError as error:
            raise Unreachable(self.server, failure_in_words(error)) from error

    def _no(self, response: httpx.Response) -> ApiError:
        """What an answer to a read that is no success means."""
        problem = problem_in(response)
        ours = response.status_code < 429 or (problem is not None and problem.code == Code.TOO_MANY)
        if problem is None or not ours:
            return Unreachable(self.server, in_words(response))
        return refusal(problem, response.status_code)

    async def write(self, model: type[Model], path: str, body: Request | None = None) -> Model:
        """The answer of `POST path`, which happens once at most.

        Raises `Refused`, `SignedOut`, `Unreachable`, `NoJournal` (nothing changed), `OutcomeUnknown` (it may have),
        `TooOld` (nothing changed when the terminal was turned away; done when only the answer is not understood).
        """
        entry = Entry(
            key=str(uuid4()),
            method="POST",
            path=path,
            body="" if body is None else body.model_dump_json(),
            server=self.server,
            who=identity(self._token),
            at=time.time(),
        )
        with self._under_way_as(entry.key):
            await self._begin(entry)
            content = await self._carry_out(entry, asked_before=False)
        return self._parsed(model, content)

    async def repeat(self, model: type[Model], entry: Entry) -> Model:
        """Send a write of the journal again under its own key. Errors as for `write`, but for `Unreachable`."""
        with self._under_way_as(entry.key):
            content = await self._carry_out(entry, asked_before=True)
        return self._parsed(model, content)

    async def open_entries(self) -> list[Entry]:
        """The writes of this token whose outcome is not known and that nobody here is waiting for, oldest first."""
        if self._journal is None:
            return []
        try:
            entries = await asyncio.to_thread(self._journal.unsettled)
        except JournalError as error:
            raise NoJournal(str(error)) from error
        mine = (self.server, identity(self._token))
        return [entry for entry in entries if (entry.server, entry.who) == mine and entry.key not in self._under_way]

    async def settle_entry(self, key: str, outcome: str) -> None:
        """Note what became of a write. That it cannot be noted must not hide the outcome: it is only logged."""
        if self._journal is not None:
            try:
                await asyncio.to_thread(self._journal.settle, key, outcome)
            except JournalError as error:
                _LOG.warning("%s", error)

    def _parsed(self, model: type[Model], content: bytes) -> Model:
        answer = parsed(model, content, self.server)
        if self._heard is not None:
            self._heard(content)
        return answer

    @contextmanager
    def _under_way_as(self, key: str) -> Iterator[None]:
        self._under_way.add(key)
        try:
            yield
        finally:
            self._under_way.discard(key)

    async def _begin(self, entry: Entry) -> None:
        if self._journal is not None:
            try:
                await asyncio.to_thread(self._journal.begin, entry)
            except JournalError as error:
                raise NoJournal(str(error)) from error

    async def _carry_out(self, entry: Entry, *, asked_before: bool) -> bytes:
        response, uncertain = await self._until_answered(entry, uncertain=asked_before)
        error = refusal_in(response)
        if error is None:
            await self.settle_entry(entry.key, "done")
            return response.content
        # A token revoked meanwhile says nothing about an earlier attempt, which may have come through.
        if isinstance(error, Refused) or not uncertain:
            await self.settle_entry(entry.key, getattr(error, "code", type(error).__name__))
        raise error

    async def _until_answered(self, entry: Entry, *, uncertain: bool) -> tuple[httpx.Response, bool]:
        """The first answer that tells, and whether an attempt before it may have come through."""
        deadline = self._clock() + WRITE_SECONDS
        longest_pause = FIRST_PAUSE_SECONDS
        while isinstance(outcome := await self._post(entry), NoAnswer):
            uncertain = uncertain or outcome.may_have_happened
            pause = outcome.wait + self._jitter(0.0, longest_pause)
            if self._clock() + pause >= deadline:
                raise await self._given_up(entry, outcome, uncertain=uncertain)
            await self._sleep(pause)
            longest_pause = min(LONGEST_PAUSE_SECONDS, longest_pause * 2)
        return outcome, uncertain

    async def _given_up(self, entry: Entry, last: NoAnswer, *, uncertain: bool) -> ApiError:
        if uncertain:
            return OutcomeUnknown(entry.key, last.why)
        await self.settle_entry(entry.key, "not sent")
        return last.refused or Unreachable(self.server, last.why)

    async def _post(self, entry: Entry) -> httpx.Response | NoAnswer:
        headers = {"Idempotency-Key": entry.key, "Content-Type": "application/json"}
        timeout = min(self._timeout, ATTEMPT_SECONDS)
        try:
            response = await self._http().post(entry.path, content=entry.body, headers=headers, timeout=timeout)
        except _NEVER_SENT as error:
            return NoAnswer(failure_in_words(error), may_have_happened=False)
        except httpx.RequestError as error:
            return NoAnswer(failure_in_words(error), may_have_happened=True)
        return tells_nothing(response) or response

    async def _get(self, path: str, params: Mapping[str, str] | None) -> httpx.Response:
        response = await self._get_now(path, params)
        if response.status_code == 429 and (wait := seconds_to_wait(response)) <= READ_WAIT_SECONDS:
            await self._sleep(wait)
            response = await self._get_now(path, params)
        return response

    async def _get_now(self, path: str, params: Mapping[str, str] | None) -> httpx.Response:
        try:
            for pause in READ_PAUSES_SECONDS:
                with suppress(httpx.NetworkError, httpx.RemoteProtocolError):
                    return await self._http().get(path, params=params)
                await self._sleep(self._jitter(0.0, pause))
            return await self._http().get(path, params=params)
        except httpx.RequestError as error:
            raise Unreachable(self.server, failure_in_words(error)) from error

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                base_url=self.server,
                headers=request_headers(self._token),
                timeout=self._timeout,
                verify=trusted(self.server),
                transport=self._transport,
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


def request_headers(token: str) -> dict[str, str]:
    """What every call carries, on HTTP and when the feed is opened."""
    return {
        "Authorization": f"Bearer {token}",
        "Mechtui-Api": str(API_VERSION),
        "User-Agent": f"mechtui/{__version__}",
    }
