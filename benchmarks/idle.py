"""What the dashboard costs while nobody touches it: processor, bytes to the terminal, memory."""

from benchmarks.dashboard import ROWS_SHOWN, dashboard, shop_with_backend
from benchmarks.table import Row


def measure(seconds: float = 12) -> list[Row]:
    """Fifty open requests, whose clocks tick."""
    with shop_with_backend(open_requests=50) as shop, dashboard(*shop) as screen:
        screen.until(ROWS_SHOWN)
        screen.rest(3)
        before = screen.cpu_seconds()
        size = screen.rest(seconds)
        cpu, memory = screen.cpu_seconds() - before, screen.memory_bytes()
    return [
        Row("idle with 50 open requests, of a core", 100 * cpu / seconds, "%", 1),
        Row("idle with 50 open requests, to the terminal", size / seconds, "B/s", 1024),
        Row("dashboard memory", memory / 1e6, "MB", 70),
    ]
