"""Saving a file that comes in pieces, under a name from outside: whole or not at all, and never over another one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mechtui.saving import safe_name, save_new

LONGEST_SUFFIX = 10


class SavingError(Exception):
    """The file could not be saved; says why, for people."""


class Received:
    """Where a file is being received: write into `part`; `path` is its place once that is done."""

    def __init__(self, path: Path, part: BinaryIO) -> None:
        self.path = path
        self.part = part


def file_name(name: str) -> str:
    """The last part of a path from outside as a name that can do no harm, its suffix kept."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2].strip(" .")
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix) > LONGEST_SUFFIX:
        return safe_name(last)
    return f"{safe_name(stem)}.{safe_name(suffix)}"


@contextmanager
def receiving(folder: Path, name: str) -> Iterator[Received]:
    """Receive a file into `folder`, for its owner only: as `name.jpg`, else `name (2).jpg` and so on.

    It is there whole when the block ends; when the block fails nothing is left of it. Raises `SavingError`.
    """
    try:
        path = save_new(folder, file_name(name), b"")
    except OSError as error:
        raise SavingError(f"{folder} cannot be written to: {error.strerror}") from error
    part = path.with_name(f"{path.name}.part")
    try:
        with open(part, "xb", opener=_for_the_owner) as file:
            yield Received(path, file)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise SavingError(f"{path} cannot be written: {error.strerror}") from error
        raise


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
