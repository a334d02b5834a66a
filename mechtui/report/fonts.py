"""The fonts of a report, embedded in it: from packages, so that no machine needs any installed.

The first is FiraGO: Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai, Georgian. What it lacks is looked for in
a Chinese and Japanese one, in one of symbols, and in a Korean one where that package was installed.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pymupdf_fonts
from fontTools.ttLib import TTFont

_FURTHER_PACKAGES = ("pylopdf_fonts_zh_cn", "pylopdf_fonts_ko")


def first_fonts(folder: Path) -> tuple[Path, Path]:
    """The regular and the bold face that most texts are wholly set in, unpacked into `folder`."""
    return _unpacked("figo", folder), _unpacked("figbo", folder)


def further_fonts(folder: Path) -> Iterator[Path]:
    """The fonts for what the first ones lack, in the order to try them; unpacked into `folder` where need be."""
    for package in _FURTHER_PACKAGES:
        if find_spec(package):
            yield import_module(package).sans_path()
    yield _unpacked("symbol2", folder)


def covered(font: Path) -> frozenset[int]:
    """The code points that a font can draw."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _unpacked(name: str, folder: Path) -> Path:
    file = folder / f"{name}.ttf"
    file.write_bytes(pymupdf_fonts.myfont(name))
    return file
