"""Somebody who asks everything of a backend, with every kind of token, right and wrong; and a judge of the answers."""

import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urlencode

from mechtui.config import Rules, ServerSettings
from mechtui.models import Code
from mechtui.server import accounts
from mechtui.server.app import Backend
from mechtui.server.asgi import Message
from tests.contract.schema import NASTY, Schema, Schemas
from tests.server.support import database_url

_BROKEN = (
    b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"a":1,"a":2}', b"NaN", b'"' + b"\\ud800" * 3 + b'"', b"1e999", b"\x00",
    b"9" * 5000, b'{"requestId":"x"}trailing', b"<xml/>", b"null",
)  # fmt: skip
_TYPES = (b"application/json", b"application/json", b"application/json", b"text/plain", b"multipart/form-data", b"")
_JUNK_TARGETS = (
    "/api/" + "a" * 5000,
    "/api//mechanic/me",
    "/%2e%2e/api",
    "/api/mechanic/me%00",
    "/\u202e",
    "//",
    "/chat/x",
)
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
NEWCOMER_EVERY = 20
KNOWN_IDS = 30


@dataclass(frozen=True)
class Asked:
    """One request. `route` is empty where it is meant for none."""

    route: str
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.target!r:.200} {self.headers!r:.400} {self.body!r:.300}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


async def answer_of(backend: Backend, asked: Asked) -> Answer:
    """Ask a backend in this process."""
    path, _, query = asked.target.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("utf-8", "surrogatepass"), "query_string": query.encode(),
        "headers": list(asked.headers), "client": ("192.0.2.1", 1), "server": ("127.0.0.1", 8420), "root_path": "",
    }  # fmt: skip
    start: Message = {}
    body = bytearray()
    parts = iter(({"type": "http.request", "body": asked.body, "more_body": False},))

    async def receive() -> Message:
        return dict(next(parts, {"type": "http.disconnect"}))

    async def send(message: Message) -> None:
        start.update(message if message["type"] == "http.response.start" else {})
        body.extend(message.get("body", b""))

    try:
        await backend(scope, receive, send)
    except Exception as error:
        return Answer(500, {}, repr(error).encode())
    return Answer(start["status"], dict(start["headers"]), bytes(body))


@dataclass
class Asker:
    """Asks one thing after the other; what he learns of sessions and files he asks about later."""

    backend: Backend
    database: str
    chance: Random
    ids: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=lambda: ["none"])
    keys: list[str] = field(default_factory=list)
    counted: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.openapi: dict[str, Any] = self.backend.http.openapi()
        self.schemas = Schemas(self.openapi)
        self.routes = [(method, path) for path, methods in self.openapi["paths"].items() for method in methods]
        self._mechanics = [accounts.add_mechanic(self.database, name).token for name in ("Ann", "Bob")]
        self._desk = accounts.add_desk(self.database, "web site").token

    async def ask(self, number: int) -> Iterator[str]:
        """Ask one thing; what is wrong with the answer, in words."""
        if number % NEWCOMER_EVERY == 0:
            await self.somebody_comes()
        asked = self._next()
        answer = await answer_of(self.backend, asked)
        self.counted[answer.status] += 1
        return (f"{asked}\n  {answer.status} {answer.body!r:.300}\n  {wrong}" for wrong in self.wrong(asked, answer))

    def _next(self) -> Asked:
        if self.chance.random() < 0.03:
            return self._junk()
        method, path = self.chance.choice(self.routes)
        told = self.openapi["paths"][path][method]
        target = path.format(session_id=self._one_of(self.ids), file_id=self._one_of(self.files))
        query = self._query(told)
        body = self._body(told) if method == "post" else b""
        return Asked(
            f"{method} {path}",
            method.upper(),
            f"{target}?{query}" if query else target,
            self._headers(method, path),
            body,
        )

    def _junk(self) -> Asked:
        method = self.chance.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO"))
        target = self.chance.choice((*_JUNK_TARGETS, *(path for _, path in self.routes)))
        return Asked("", method, target, self._headers("post", ""), self.chance.choice(_BROKEN))

    def _one_of(self, known: list[str]) -> str:
        if known and self.chance.random() < 0.8:
            return self.chance.choice(known[-KNOWN_IDS:])
        return (
            quote(self.chance.choice(("none", str(uuid.UUID(int=5)), *NASTY)), safe="", errors="surrogatepass") or "x"
        )

    def _query(self, told: dict[str, Any]) -> str:
        """Some of what may be asked; sometimes one of them is not as it should be."""
        wanted = [one for one in told.get("parameters", ()) if one["in"] == "query"]
        chosen = [one for one in wanted if one.get("required") or self.chance.random() < 0.3]
        asked = {one["name"]: self.schemas.fitting(one["schema"], self.chance) for one in chosen}
        if chosen and self.chance.random() < 0.25:
            asked[self.chance.choice(chosen)["name"]] = self.chance.choice(NASTY)
        told_of = {name: str(value) for name, value in asked.items() if value is not None}
        return urlencode(told_of, errors="surrogatepass")

    def _body(self, told: dict[str, Any]) -> bytes:
        schema: Schema = (
            told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {"type": "null"})
        )
        luck = self.chance.random()
        if luck < 0.1:
            return self.chance.choice(_BROKEN)
        value = (self.schemas.almost if luck < 0.5 else self.schemas.fitting)(schema, self.chance)
        if isinstance(value, dict) and "requestId" in value and self.ids and luck > 0.6:
            value["requestId"] = self.chance.choice(self.ids[-KNOWN_IDS:])
        return json.dumps(value).encode()

    def _headers(self, method: str, path: str) -> tuple[tuple[bytes, bytes], ...]:
        headers = [(b"host", b"127.0.0.1")]
        token = self.token(path)
        if token:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        if method == "post":
            headers += [(b"content-type", self.chance.choice(_TYPES)), (b"idempotency-key", self._key())]
        if self.chance.random() < 0.05:
            headers.append((b"mechtui-api", self.chance.choice((b"1", b"0", b"99", b"x", b"9" * 5000, b"\xb2"))))
        return tuple(headers)

    def token(self, path: str) -> str:
        """More often than not one with which the route may be asked."""
        if self.chance.random() < 0.6:
            return self._desk if path.endswith(("/intakes", "/rate")) else self.chance.choice(self._mechanics)
        return self.chance.choice((*self._mechanics, self._desk, "mtm_wrong", "", *self.tokens[-3:]))

    def _key(self) -> bytes:
        luck = self.chance.random()
        if luck < 0.1:
            return self.chance.choice((b"", b"x", b"\xff", b"7" * 32, b"{" + b"0" * 32 + b"}"))
        if luck > 0.2 or not self.keys:
            self.keys.append(str(uuid.UUID(int=self.chance.getrandbits(128))))
        return self.chance.choice(self.keys[-5:]).encode()

    async def somebody_comes(self) -> None:
        """A request with a photo; sometimes a mechanic has it at once, so that there is something to end."""
        wish = {"type": "chat", "name": "Jo", "concern": "x", "files": [{"name": "a.png", "data": _DOT}]}
        told = await self._post("/api/intakes", self._desk, wish)
        self.ids.append(told["session"]["id"])
        self.tokens.append(told["customer_token"])
        if self.chance.random() < 0.5:
            mechanic = self.chance.choice(self._mechanics)
            await self._post("/api/mechanic/accept", mechanic, {"requestId": self.ids[-1]})
            for who in (mechanic, self.tokens[-1]):
                await self._post(f"/api/sessions/{self.ids[-1]}/join", who, None)
        intake = await self._get(f"/api/sessions/{self.ids[-1]}/intake")
        self.files += [one["id"] for one in intake["files"]]

    async def _post(self, path: str, token: str, body: Any) -> Any:
        key = str(uuid.UUID(int=self.chance.getrandbits(128))).encode()
        headers = ((b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode()), (b"idempotency-key", key))
        sent = b"" if body is None else json.dumps(body).encode()
        asked = Asked("", "POST", path, (*headers, (b"content-type", b"application/json")), sent)
        return json.loads((await answer_of(self.backend, asked)).body)

    async def _get(self, path: str) -> Any:
        headers = ((b"host", b"localhost"), (b"authorization", f"Bearer {self._desk}".encode()))
        return json.loads((await answer_of(self.backend, Asked("", "GET", path, headers, b""))).body)

    # --- the judge --------------------------------------------------------------------------------------------

    def wrong(self, asked: Asked, answer: Answer) -> Iterator[str]:
        """What is wrong with an answer: an error of the backend, or that it is not as it says of itself."""
        if answer.status >= 500:
            yield "the backend failed"
        if answer.headers.get(b"cache-control") != b"no-store":
            yield "it may be kept by a cache"
        if answer.status >= 400 and asked.method != "HEAD":
            yield from self._wrong_with_refusal(answer)
        if asked.route:
            yield from self._wrong_with_description(asked, answer)

    def _wrong_with_refusal(self, answer: Answer) -> Iterator[str]:
        try:
            told = json.loads(answer.body)
            if told["code"] not in set(Code) or not told["error"]:
                yield "a refusal without a code there is, or without a reason"
        except (ValueError, KeyError, TypeError):
            yield "a refusal that is none of ours"

    def _wrong_with_description(self, asked: Asked, answer: Answer) -> Iterator[str]:
        method, path = asked.route.split()
        described = self.openapi["paths"][path][method]["responses"].get(str(answer.status))
        if described is None:
            yield "the description knows no such status there"
            return
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and answer.status < 500:
            yield from self.schemas.misfits(json.loads(answer.body), schema)


@asynccontextmanager
async def asker(path: Path, seed: int) -> AsyncIterator[Asker]:
    """A backend in this process, without a line to it, and who asks."""
    settings = ServerSettings(database_url(path / "shop.db"), rules=Rules(completed_seconds=0))
    backend = Backend(settings, stop=lambda why: None)
    async with backend.http.router.lifespan_context(backend.http):
        yield Asker(backend, settings.database, Random(seed))
