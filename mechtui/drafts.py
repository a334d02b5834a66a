"""Drafts of summaries: on disk as one types, so that neither a crash nor a cut line loses what was written.

One file a session, in a folder only its owner may read. A file is written beside and renamed, so that there is always
a whole one.
"""

import json
import os
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Draft:
    """What was written so far; false when that is nothing."""

    findings: str = ""
    steps_taken: str = ""
    parts_needed: str = ""
    next_steps: str = ""

    def __bool__(self) -> bool:
        return any(text.strip() for text in asdict(self).values())


class Drafts:
    """The drafts in `folder` of one mechanic at one backend, named by `whose`. Each method may raise `OSError`."""

    def __init__(self, folder: Path, whose: str) -> None:
        self._folder = folder
        self._whose = whose

    def load(self, session_id: str) -> Draft:
        """The draft of a session; an empty one where there is none."""
        path = self._path(session_id)
        return _draft(_record(path)) if path.exists() else Draft()

    def save(self, session_id: str, draft: Draft) -> None:
        """Keep a draft in place of the one before; on disk when it returns. An empty one is none."""
        if not draft:
            self.remove(session_id)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(session_id)
        new = path.with_suffix(".new")
        file = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as text:
            json.dump({"session": session_id, "whose": self._whose, **asdict(draft)}, text)
            text.flush()
            os.fsync(file)
        new.replace(path)

    def remove(self, session_id: str) -> None:
        """Forget the draft of a session, if there is one."""
        self._path(session_id).unlink(missing_ok=True)

    def ids(self) -> frozenset[str]:
        """The sessions there is a draft of."""
        records = [_record(path) for path in self._folder.glob("*.json")]
        return frozenset(str(record["session"]) for record in records if record.get("whose") == self._whose)

    def _path(self, session_id: str) -> Path:
        name = sha256(f"{self._whose}\n{session_id}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.json"


def _record(path: Path) -> dict[str, Any]:
    """What a file says; nothing for one that is no draft."""
    try:
        record = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return record if isinstance(record, dict) and isinstance(record.get("session"), str) else {}


def _draft(record: dict[str, Any]) -> Draft:
    return Draft(**{field.name: str(record.get(field.name, "")) for field in fields(Draft)})
