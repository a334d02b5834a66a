"""The pages made from the code are what the code says now."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mechtui
from mechtui.actions import ACTIONS
from tests.tools import pages


def test_the_pages_are_fresh() -> None:
    assert pages.stale(pages.DOCS) == []


def test_a_stale_page_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pages.main([], tmp_path) == 0
    assert pages.main(["--check"], tmp_path) == 0
    page = tmp_path / "keys.md"
    page.write_text(page.read_text().replace("`a`", "`b`"))
    (tmp_path / "cli.md").unlink()
    assert pages.main(["--check"], tmp_path) == 1
    assert re.findall(r"docs/(\S+) is stale", capsys.readouterr().err) == ["keys.md", "cli.md"]
    assert "`b`" in page.read_text()


def test_the_machine_leaves_no_trace(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from tests.tools.pages import write; write(Path({str(tmp_path)!r}))"
    environ = os.environ | {"COLUMNS": "20", "LC_ALL": "C", "LANG": "de_DE", "HOME": "/nowhere", "MECHTUI_HOST": "::1"}
    subprocess.run([sys.executable, "-c", code], env=environ, cwd=pages.DOCS.parent, check=True)
    assert pages.stale(tmp_path) == []


def test_every_variable_read_is_on_the_page() -> None:
    package = Path(mechtui.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py"))
    read = set(re.findall(r"""["'](MECHTUI_[A-Z_]+)["']""", source))
    assert read
    assert [name for name in sorted(read) if f"`{name}`" not in pages.configuration()] == []


def test_every_action_and_command_has_its_place() -> None:
    rows = re.findall(r"^\| `.*$", pages.keys(), re.MULTILINE)
    assert len(rows) == len(ACTIONS)
    sections = set(re.findall(r"^## mechtui (.*)$", pages.command_line(), re.MULTILINE))
    assert {"serve", "mechanic add", "desk add", "db backup", "list", "next", "watch"} <= sections
