"""`mechtui dtc`: what a trouble code says, and loading a table of them. Needs no backend."""

import argparse
from pathlib import Path

from mechtui.code_table import add_codes, load_codes, table_path
from mechtui.commands.output import print_block, print_json
from mechtui.exits import CommandError, Exit
from mechtui.text import SafeText
from mechtui.vehicle.code_files import CodeFileError, parse
from mechtui.vehicle.codes import CODE, Codes, Meaning

LARGEST_FILE = 32 * 1024 * 1024


def run(options: argparse.Namespace) -> int:
    """Carry out one of the commands."""
    if options.action == "import":
        _import(options.file)
    else:
        _show(options.codes, as_json=options.json)
    return Exit.DONE


def _import(file: Path) -> None:
    try:
        meanings = parse(_text_of(file))
    except (CodeFileError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} was not loaded: {error}", Exit.REFUSED) from error
    path = table_path()
    try:
        total = add_codes(path, meanings)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", Exit.REFUSED) from error
    print(f"{len(meanings)} codes loaded; {total} are kept in {path}")


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise CommandError(f"{file} is larger than {LARGEST_FILE // 1024 // 1024} MiB", Exit.REFUSED)
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", Exit.WRONG_USE) from error


def _show(words: list[str], *, as_json: bool) -> None:
    codes = _loaded()
    for word in words:
        if not CODE.fullmatch(word):
            raise CommandError(f"{SafeText(word)} is no trouble code; one is like P0420", Exit.WRONG_USE)
        _print(codes.meaning(word), as_json=as_json)


def _loaded() -> Codes:
    path = table_path()
    try:
        return load_codes(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the loaded codes in {path} cannot be read: {error}", Exit.REFUSED) from error


def _print(meaning: Meaning, *, as_json: bool) -> None:
    if as_json:
        print_json({
            "code": meaning.code, "kind": meaning.kind.name.lower(), "system": meaning.system,
            "meaning": meaning.text or None,
        })  # fmt: skip
    else:
        print_block([(meaning.code, SafeText(meaning.words))])
