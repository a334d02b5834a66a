"""`python -m benchmarks [NAME...]`: the table of all benchmarks, or of those named."""

import sys
from collections.abc import Callable, Sequence

from benchmarks import big_list, commands, feed, history, idle, keys, over_http, postgres, restart, ssh, start, store
from benchmarks.table import Machine, Row, table

BENCHMARKS: dict[str, Callable[[], list[Row]]] = {
    "keys": keys.measure,
    "start": start.measure,
    "idle": idle.measure,
    "commands": commands.measure,
    "history": history.measure,
    "big_list": big_list.measure,
    "store": store.measure,
    "postgres": postgres.measure,
    "over_http": over_http.measure,
    "feed": feed.measure,
    "restart": restart.measure,
    "ssh": ssh.measure,
}


def main(names: Sequence[str]) -> int:
    """Measure, one after the other, and print the table; the exit code. A missed limit is shown, and no error."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr
        )
        return 2
    machine = Machine()
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += BENCHMARKS[name]()
    print(table(rows))
    print(f"\n{machine}. Where others use much, the figures are worse than alone.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
