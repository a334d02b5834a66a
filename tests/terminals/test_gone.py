"""A terminal that is gone."""

import os
import threading
from contextlib import suppress

from textual.drivers._writer_thread import WriterThread

from mechtui.driver import Out

PATIENCE_SECONDS = 30.0
"""Only there to end a test that hangs."""
MORE_THAN_WAITS = 100


def test_what_is_written_to_it_keeps_nobody_waiting() -> None:
    """A hang-up comes with a signal to go on, on which Textual writes to the terminal anew."""
    master, slave = os.openpty()
    terminal = os.fdopen(slave, "w")
    os.close(master)
    writer = WriterThread(Out(terminal))  # type: ignore[arg-type]
    writer.start()

    def write() -> None:
        for _ in range(MORE_THAN_WAITS):
            writer.write("x" * 100)
        writer.stop()

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    writing.join(PATIENCE_SECONDS)
    assert not writing.is_alive()
    with suppress(OSError):
        terminal.close()
