"""What a terminal is taken to show, and text in the characters it has."""

import os
import pty
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mechtui.plain import plain
from mechtui.terminal import Glyphs, drawable, glyphs_of, prepare_environment
from mechtui.text import SafeText


@pytest.mark.parametrize(
    ("environ", "glyphs"),
    [
        ({}, Glyphs.ALL),
        ({"LANG": "en_US.UTF-8"}, Glyphs.ALL),
        ({"LANG": "de_DE.utf8@euro"}, Glyphs.ALL),
        ({"LANG": "en_US"}, Glyphs.ALL),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, Glyphs.ALL),
        ({"LC_CTYPE": "C.UTF-8"}, Glyphs.ALL),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, Glyphs.ASCII),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, Glyphs.ASCII),
        ({"LANG": "en_US.ISO-8859-1"}, Glyphs.ASCII),
        ({"TERM": "linux"}, Glyphs.CONSOLE),
        ({"TERM": "linux", "LANG": "C"}, Glyphs.ASCII),
        ({"TERM": "vt100", "LANG": "C.UTF-8"}, Glyphs.ASCII),
    ],
)
def test_which_characters_there_are(environ: dict[str, str], glyphs: Glyphs) -> None:
    assert glyphs_of(environ) is glyphs


def test_what_python_makes_of_a_plain_locale_says_nothing() -> None:
    """PEP 538: found in the environment of a process that was started without it."""
    ask = "import os; from mechtui.terminal import glyphs_of; print(os.environ.get('LC_CTYPE'), glyphs_of(os.environ))"
    environ = {"LANG": "C", "PATH": os.environ["PATH"]}
    said = subprocess.run([sys.executable, "-c", ask], env=environ, capture_output=True, text=True, check=True).stdout
    assert said.split()[-1] == "Glyphs.ASCII"


@given(st.text().map(SafeText))
def test_ascii_is_as_wide_as_what_it_stands_for(text: str) -> None:
    shown = plain(text, Glyphs.ASCII)
    assert shown.isascii()
    assert cell_len(shown) == cell_len(text)


def test_letters_lose_their_accents_and_nothing_else() -> None:
    assert plain("Łukasz Żak, José Müller: 漢字 …", Glyphs.ASCII) == "Lukasz Zak, Jose Muller: ???? ~"
    assert plain("▌ Müller ─ ▓", Glyphs.CONSOLE) == "█ Müller ─ ▒"


def test_no_size_is_larger_than_can_be_painted() -> None:
    assert drawable(80, 24) == (80, 24)
    assert drawable(65535, 65535) == (600, 200)


def test_what_only_a_modern_terminal_can_do_is_not_tried_on_others() -> None:
    environ = {"TERM": "linux", "COLORTERM": "truecolor"}
    prepare_environment(environ)
    assert "COLORTERM" not in environ
    assert environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_a_dumb_terminal_is_refused_in_words() -> None:
    outside, side = pty.openpty()
    command = [sys.executable, "-m", "mechtui", "--server", "http://127.0.0.1:9"]
    ended = subprocess.run(
        command, stdin=side, stdout=side, stderr=subprocess.PIPE, env=os.environ | {"TERM": "dumb"}, check=False
    )
    os.close(side)
    os.close(outside)
    assert ended.returncode == 2
    assert b"set TERM to what yours is" in ended.stderr
