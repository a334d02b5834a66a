"""The backend as an ASGI application: HTTP routes, the feed, and what runs beside them."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mechtui import __version__
from mechtui.config import ServerSettings
from mechtui.frames import HEARTBEAT_SECONDS
from mechtui.models import ACTIVE, Code, Problem, Status
from mechtui.server import auth, feed
from mechtui.server.asgi import Receive, Scope, Send
from mechtui.server.clock import Clock, shifted, utc_now
from mechtui.server.db import lists, outbox, sessions
from mechtui.server.db.answers import forget_old_answers
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError
from mechtui.server.db.events import Batch, position
from mechtui.server.db.mechanics import availabilities
from mechtui.server.db.rows import Shop
from mechtui.server.db.store import Store
from mechtui.server.db.tx import Tx
from mechtui.server.doctor.watch import Watch
from mechtui.server.forgetting import Forgetting
from mechtui.server.hosts import Hosts
from mechtui.server.hub import Hub
from mechtui.server.limits import Limits
from mechtui.server.logs import JsonLog
from mechtui.server.middleware import Gate
from mechtui.server.observe import Committed, Observed, Observer, Told, all_of
from mechtui.server.refusal import Refusal
from mechtui.server.routes import (
    colleagues,
    customers,
    earlier,
    handover,
    health,
    mechanics,
    pages,
    stats,
    triage,
    work,
)
from mechtui.server.tail import Tail
from mechtui.server.thumbs import Thumbs
from mechtui.server.wire import json_response

SWEEP_SECONDS = 1.0
DATABASE_FAILED = "the database failed in the middle of a commit; start again to learn what it holds"
_ANYWHERE: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (400, 401, 408, 413, 421, 426, 429, 431, 503)
}
"""Refusals that may come before a route is reached, or instead of its answer."""
BATCHES_KEPT_SECONDS = 600
"""A backend that was away for longer begins anew."""
ANSWERS_KEPT_SECONDS = 7 * 24 * 3600
"""Far longer than any client goes on asking with the same key."""


class Backend:
    """One backend: its store, its hub, its routes. An ASGI application.

    `stop` is called, with the reason, when this process has to end: the database failed in a way that leaves outcomes
    unknown, or what runs beside the routes has died.
    `page` draws the page behind a session's address, for a shop that has no web site (the demo); without it this
    backend serves none. `clock` is the time that is stored and told, `steady` one in seconds that never goes back.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        stop: Callable[[str], None],
        page: pages.Draw | None = None,
        clock: Clock = utc_now,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._end = stop
        self.why_not_ready = "it is still starting"
        self._away = ""
        self.in_flight: set[tuple[str, str]] = set()
        """Whose writes, by key, are being carried out here."""
        self.shop = Shop(settings.rules, settings.pages, settings.shop_name)
        self.store = Store(
            settings.database,
            self.shop,
            clock=clock,
            steady=steady,
            publish=self._committed,
            failed=lambda _: self._stop(DATABASE_FAILED),
        )
        self.hub = Hub(self.shop, self.store.clock, steady)
        self._tail = Tail(self.store, lambda: self.hub.seq, self._publish, self._begin_anew)
        self.thumbs = Thumbs()
        self.http = self._routes()
        if page is not None:
            self.http.include_router(pages.router(page))
        observers = self._observers(settings)
        self.observe = all_of(observers)
        self.watch = Watch(self.store, self.observe, self.hub.audited)
        self.forgetting = Forgetting(self.store, settings.forget_after)
        hosts, limits = Hosts(settings), Limits(steady)
        gate = Gate(self.http, self.store, hosts, limits)
        self._gate = Observed(gate, self.observe) if observers else gate
        self._feed = feed.FeedEndpoint(self.store, self.hub, hosts, limits, self.observe)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one terminal."""
        if scope["type"] == "websocket":
            await self._feed(scope, receive, send)
        else:
            await self._gate(scope, receive, send)

    def _observers(self, settings: ServerSettings) -> list[Observer]:
        observers: list[Observer] = [JsonLog(sys.stderr, self.store.clock)] if settings.log else []
        if settings.metrics:
            observers.append(self._metrics())
        return observers

    def _metrics(self) -> Observer:
        from mechtui.server.metrics import Metrics
        from mechtui.server.routes import metrics

        figures = Metrics()
        figures.look_up("mechtui_open_requests", "Requests that wait.", lambda: self.hub.open_count(Status.PENDING))
        figures.look_up("mechtui_lost_sessions", "Sessions nobody would find.", self.hub.lost_count)
        figures.look_up("mechtui_held_sessions", "Sessions in hand.", lambda: self.hub.open_count(*ACTIVE))
        self.http.include_router(metrics.router(figures))
        return figures

    def _committed(self, batch: Batch) -> None:
        if self.store.listen is None:
            self._publish(batch)
        else:
            self._tail.take(batch)

    async def _begin_anew(self) -> None:
        """This backend was away for so long that it cannot know what happened; its terminals have to ask again."""
        self.hub.begin_anew(*await self.store.read(lists.everything_open))

    def _publish(self, batch: Batch) -> None:
        self.hub.publish(batch)
        self.observe(Committed(batch, self.store.clock()))

    def _stop(self, why: str) -> None:
        self.why_not_ready = why
        self._end(why)

    async def why_not_serving(self) -> str:
        """Why no requests should be sent here now; empty when they may be."""
        try:
            await self.store.look(position)
        except DatabaseBusyError:
            return self.why_not_ready or "the database cannot be had"
        return self.why_not_ready

    def farewell(self) -> None:
        """Say goodbye to the terminals: this backend is about to close."""
        self.why_not_ready = "it is being stopped"
        self.hub.farewell("the backend is being restarted", retry_in=1.0)

    def _routes(self) -> FastAPI:
        http = FastAPI(
            title="mechtui",
            version=__version__,
            lifespan=self._lifespan,
            docs_url=None,
            redoc_url=None,
            responses=_ANYWHERE,
        )
        http.state.backend = self
        routers = (health, mechanics, customers, earlier, triage, work, stats, colleagues, handover)
        for router in (module.router for module in routers):
            http.include_router(router)
        http.add_exception_handler(Refusal, _refused)
        http.add_exception_handler(RequestValidationError, _invalid)
        http.add_exception_handler(HTTPException, _http_error)
        http.add_exception_handler(OutcomeUnknownError, _unavailable)
        http.add_exception_handler(DatabaseBusyError, _unavailable)
        return http

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self.hub.load(*await self.store.read(lists.everything_open))
        chores = [asyncio.create_task(chore) for chore in self._chores()]
        for chore in chores:
            chore.add_done_callback(self._chore_ended)
        self.why_not_ready = ""
        self.observe(Told("serving"))
        try:
            yield
        finally:
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            self.thumbs.close()
            await self.store.close()
            self.observe(Told("stopped", self.why_not_ready))

    def _chores(self) -> list[Coroutine[Any, Any, None]]:
        answers = self._forget(3600, ANSWERS_KEPT_SECONDS, forget_old_answers)
        chores = [self._sweep(), self._beat(), answers, self.watch.keep(), self.forgetting.keep()]
        if self.store.listen is not None:
            batches = self._forget(60, BATCHES_KEPT_SECONDS, outbox.forget)
            chores += [self._tail.follow(), self.store.listen(self._tail.wake), batches]
        return chores

    def _chore_ended(self, chore: asyncio.Task[None]) -> None:
        """A backend without its heartbeat or its sweeper must not look alive."""
        error = None if chore.cancelled() else chore.exception()
        if error is not None:
            self._stop(f"what keeps the backend alive has failed: {error!r}")

    async def _sweep(self) -> None:
        """Tidy up requests whose time has passed; the queries already leave them out."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            if self.hub.overdue(self.store.now()):
                await self._tidy(sessions.expire_overdue)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._ask_after_viewers()
                self._database_is("")
            except DatabaseBusyError as error:
                self._database_is(str(error).partition("\n")[0])
            self.hub.beat()

    def _database_is(self, away: str) -> None:
        """Tell whoever observes when the database cannot be had, and why, and when it can be had again."""
        if bool(away) != bool(self._away):
            self.observe(Told("database_away", away) if away else Told("database_back"))
        self._away = away

    async def _ask_after_viewers(self) -> None:
        """Learn how the mechanics are, and let go those whose tokens were revoked."""
        known = await self.store.look(availabilities)
        for viewer in list(self.hub.viewers):
            viewer.availability = known.get(viewer.mechanic.id, viewer.availability)
            if viewer.mechanic.id not in known:
                viewer.line.close(4401, "the token was revoked")
                self.hub.leave(viewer)

    async def _forget(self, every: float, kept: float, forget: Callable[..., None]) -> None:
        """Now and then drop what is older than so many seconds."""
        while True:
            await asyncio.sleep(every)
            await self._tidy(partial(forget, before=shifted(self.store.now(), -kept)))

    async def _tidy(self, work: Callable[[Tx], Any]) -> None:
        """Carry out what may as well be done a little later, when the database cannot be had now."""
        with contextlib.suppress(DatabaseBusyError, OutcomeUnknownError):
            await self.store.run(work)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return json_response(error.body, error.status)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [{"field": ".".join(map(str, e["loc"][1:])), "error": e["msg"], "type": e["type"]} for e in error.errors()]
    first = f"{fields[0]['field'] or 'the body'}: {fields[0]['error']}" if fields else "the request"
    return json_response({"error": f"Not understood: {first}", "code": str(Code.INVALID), "fields": fields}, 422)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.TOO_LARGE}
    code = str(codes.get(error.status_code, Code.INVALID))
    return json_response({"error": str(error.detail), "code": code}, error.status_code)


async def _unavailable(_: Request, error: Exception) -> Response:
    sure = isinstance(error, DatabaseBusyError)
    words = auth.TRY_AGAIN if sure else "The database failed; whether this happened is not known."
    return json_response({"error": words, "code": str(Code.UNAVAILABLE)}, 503)
