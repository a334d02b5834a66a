"""Figures for Prometheus at `/metrics`: counted since this process began, without names and ids."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from mechtui.models import Code
from mechtui.server.observe import Answered, Committed, Seen, Terminal, TurnedAway

__all__ = ["CONTENT_TYPE", "Metrics"]

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_EVENTS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counts what it is shown."""

    def __init__(self) -> None:
        self._registry = every = CollectorRegistry()
        self._events = Counter("mechtui_events", "Events of sessions, by kind.", ["kind"], registry=every)
        self._races_lost = Counter("mechtui_races_lost", "Accepts that came too late.", registry=every)
        self._refusals = Counter("mechtui_refusals", "Refusals, by code.", ["code"], registry=every)
        self._commit = Histogram("mechtui_commit_events", "Events of a commit.", buckets=_EVENTS, registry=every)
        self._lag = Histogram(
            "mechtui_feed_lag_seconds", "From a commit's time to its frames.", buckets=_SECONDS, registry=every
        )
        names = ["method", "route", "status"]
        self._answers = Histogram(
            "mechtui_answer_seconds", "Answers over HTTP.", names, buckets=_SECONDS, registry=every
        )
        self._terminals = Gauge("mechtui_terminals", "Terminals on the feed.", registry=every)

    def look_up(self, name: str, words: str, figure: Callable[[], float]) -> None:
        """Show a figure that is looked up whenever somebody asks."""
        Gauge(name, words, registry=self._registry).set_function(figure)

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)

    def __call__(self, seen: Seen) -> None:
        """Count it."""
        match seen:
            case Committed(batch=batch):
                self._commit.observe(len(batch.events))
                self._lag.observe(max(0.0, seen.lag))
                for event in batch.events:
                    self._events.labels(str(event.kind)).inc()
            case Answered():
                self._answers.labels(seen.method, seen.route, str(seen.status)).observe(seen.seconds)
                self._races_lost.inc(seen.code == Code.ALREADY_TAKEN)
                self._refused(seen.code)
            case TurnedAway(code=code):
                self._refused(code)
            case Terminal():
                self._terminals.inc(1 if seen.came else -1)

    def _refused(self, code: str) -> None:
        if code:
            self._refusals.labels(code).inc()
