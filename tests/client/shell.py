"""Somebody at a shell, before a running backend."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mechtui.cli import run
from mechtui.exits import Exit
from mechtui.server import accounts

_MAIN = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from mechtui.cli import run; "


@dataclass(frozen=True)
class Shop:
    """A running backend, and its database."""

    server: str
    database: str


@dataclass
class User:
    """Somebody at a shell: his environment, and what his commands gave."""

    shop: Shop
    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    out: str = ""
    err: str = ""

    def be(self, token: str) -> None:
        self.patch.setenv("MECHTUI_TOKEN", token)

    def be_mechanic(self, name: str = "Dana", types: tuple[str, ...] = ("chat", "video")) -> None:
        self.be(accounts.add_mechanic(self.shop.database, name, types).token)

    def be_desk(self) -> None:
        self.be(accounts.add_desk(self.shop.database, "web").token)

    def run(self, *arguments: str) -> int:
        self.capture.readouterr()
        try:
            code = run(arguments)
        except SystemExit as end:
            code = int(str(end.code))
        self.out, self.err = self.capture.readouterr()
        assert "Traceback" not in self.err
        return code

    def submit(self, kind: str = "video", name: str = "Maria", **more: Any) -> str:
        """A new request of a customer, handed in by the desk; its id."""
        before = os.environ.get("MECHTUI_TOKEN", "")
        self.be_desk()
        file = self.folder / "request.json"
        file.write_text(json.dumps({"type": kind, "name": name, "concern": "grinding"} | more))
        assert self.run("submit", str(file)) == Exit.DONE
        self.be(before)
        return str(self.json()["id"])

    def json(self) -> Any:
        (line,) = self.out.splitlines()
        assert line.isascii()
        return json.loads(line)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        command = [sys.executable, "-c", f"{_MAIN}sys.exit(run(sys.argv[1:]))", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
