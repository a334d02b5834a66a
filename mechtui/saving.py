"""Saving to disk what came from elsewhere: under a name that can do no harm, and never over another file."""

import os
import re
import unicodedata
from pathlib import Path

from mechtui.text import SafeText

_NAME_BYTES = 150
_REFUSED = frozenset('/\\:*?"<>|%')
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever its suffix: a folder may be shared with one."""


def safe_name(text: str) -> str:
    """A text as a part of a file's name: no separators, no controls, no leading dot, no more than 150 bytes.

    Safe to be shown, and in the one form that all systems read alike (NFC).
    """
    kept = "".join(c if c not in _REFUSED and unicodedata.category(c)[0] != "C" else " " for c in text)
    words = " ".join(SafeText(kept).split()).lstrip(".")
    name = words.encode()[:_NAME_BYTES].decode(errors="ignore").strip() or "unnamed"
    return f"_{name}" if _DEVICES.match(name) else name


def save_new(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file `name` into `folder`, which is made if need be; where there is one, `name (2)`. Its path.

    Only its owner may read it. Raises `OSError`; then no file is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{Path(name).stem} ({number}){Path(name).suffix}")
        try:
            write_new(path, content)
        except FileExistsError:
            number += 1
        else:
            return path


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises `FileExistsError` where it is, `OSError` when it cannot be written."""
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as whole:
            whole.write(content)
    except OSError:
        path.unlink()
        raise
