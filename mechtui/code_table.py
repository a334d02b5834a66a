"""The trouble codes a user has loaded: one file in his data folder, under which the package's own table lies."""

from pathlib import Path

import platformdirs

from mechtui.config import APP
from mechtui.vehicle.codes import Codes, read_table

FILE_NAME = "codes.tsv"


def table_path() -> Path:
    """Where the loaded codes are."""
    return platformdirs.user_data_path(APP) / FILE_NAME


def load_codes(path: Path) -> Codes:
    """All codes there are: those in the file, if there is one, and the package's own. Raises `OSError`."""
    try:
        return Codes(read_table(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Codes()


def add_codes(path: Path, meanings: dict[str, str]) -> int:
    """Keep these codes besides those kept before, newer ones instead of older; how many there are then."""
    every = dict(load_codes(path).loaded) | meanings
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(f"{code}\t{meaning}\n" for code, meaning in sorted(every.items())), encoding="utf-8")
    part.replace(path)
    return len(every)
