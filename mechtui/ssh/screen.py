"""Whether a program has the screen of a terminal, as seen in its output; and how it is taken from one that died."""

_TAKES = b"\x1b[?1049h"
_GIVES_BACK = b"\x1b[?1049l"
RESET = (
    b"\x18\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b]22;default\x07"
    b"\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?2048l\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l\x1b[23;2t"
)
"""What was half said is dropped; mouse, focus, paste and keys as usual, frames shown at once, the cursor seen,
the screen and the title of before."""


class ScreenWatch:
    """Follows the output of one program."""

    def __init__(self) -> None:
        self.taken = False
        self._tail = b""

    def saw(self, output: bytes) -> None:
        """The program has written this, too."""
        text = self._tail + output
        takes, gives = text.rfind(_TAKES), text.rfind(_GIVES_BACK)
        if takes != gives:
            self.taken = takes > gives
        self._tail = text[-len(_TAKES) + 1 :]
