"""A backend that answers what a test tells it to, and rows to answer with."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from mechtui.api_client import DeskClient, MechanicClient
from mechtui.journal import Journal
from mechtui.models import Session, Vehicle

SERVER = "http://backend.test"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
Step = Callable[[httpx.Request], httpx.Response] | httpx.Response | Exception


def session(number: int = 1, **changes: Any) -> Session:
    """An open video request; `changes` replace its fields."""
    fields: dict[str, Any] = {
        "id": f"session-{number}",
        "type": "video",
        "status": "pending",
        "customer_name": "Maria",
        "vehicle": Vehicle(label="2018 Toyota Camry"),
        "concern": "grinding",
        "urgent": False,
        "files_count": 0,
        "created_at": NOW + timedelta(seconds=number),
        "expires_at": NOW + timedelta(minutes=15, seconds=number),
        "version": 1,
    }
    return Session(**(fields | changes))


def answer(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def changed(row: Session) -> httpx.Response:
    return answer(200, {"session": row.model_dump(mode="json")})


def accepted(row: Session) -> httpx.Response:
    return answer(200, {"sessionId": row.id, "session": row.model_dump(mode="json")})


def refused(status: int, code: str, **more: Any) -> httpx.Response:
    return answer(status, {"error": f"Because of {code}.", "code": code, **more})


@dataclass
class Backend:
    """Answers the calls in the order of `script`, the last step again and again; keeps what it was asked."""

    script: list[Step]
    asked: list[httpx.Request] = field(default_factory=list)
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        step = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(request)
        if isinstance(step, Exception):
            raise step
        return step(request) if callable(step) else step

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("idempotency-key") for request in self.asked]

    def mechanic(self, journal: Path | None = None, token: str = "mtm_secret") -> MechanicClient:
        return MechanicClient(SERVER, token, **self._options(journal))

    def desk(self, journal: Path | None = None) -> DeskClient:
        return DeskClient(SERVER, "mtd_secret", **self._options(journal))

    def _options(self, journal: Path | None) -> Any:
        return {
            "journal": Journal(journal) if journal else None,
            "transport": httpx.MockTransport(self.handle),
            "clock": lambda: self.now,
            "sleep": self.sleep,
            "jitter": lambda low, high: high,
        }


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a journal file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def make_older(path: Path, hours: float) -> None:
    """As if the entries of a journal had been made that much earlier."""
    records = [record | {"at": record["at"] - hours * 3600} for record in lines(path)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
