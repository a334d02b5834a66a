"""The exit codes of the command line, and how every command says that it did not work."""

import sys
from enum import IntEnum


class Exit(IntEnum):
    """What a script can tell from the exit code."""

    DONE = 0
    REFUSED = 1
    WRONG_USE = 2
    NOT_REACHED = 3
    SIGNED_OUT = 4


class CommandError(Exception):
    """A command cannot go on; the text is for people, `code` for scripts."""

    def __init__(self, words: str, code: Exit) -> None:
        super().__init__(words)
        self.code = code


def say(words: str) -> None:
    """Tell people something that is not the command's output. Whatever is quoted in it is safe text from here on."""
    from mechtui.text import SafeText  # its models take longer to import than most commands that say nothing

    print(f"mechtui: {SafeText.block(words)}", file=sys.stderr, flush=True)
