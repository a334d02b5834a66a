"""Trouble codes: where they are found, what is said of them, and how a table of them is loaded."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.cli import run
from mechtui.code_table import add_codes, load_codes, table_path
from mechtui.formatting import width_of
from mechtui.models import Vehicle
from mechtui.vehicle.code_files import CodeFileError, parse
from mechtui.vehicle.codes import CODE, OWN_CODES, Codes, Kind, own_meanings
from mechtui.vehicle.words import codes_in_full, codes_in_short


def found(text: str, vehicle: str = "") -> list[str]:
    return [meaning.code for meaning in OWN_CODES.found_in(text, vehicle)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("got p0420 and P0302", ["P0420", "P0302"]),
        ("P0420/P0430,p0300;P0420", ["P0420", "P0430", "P0300"]),
        ("P0420, then P0420 again", ["P0420"]),
        ("P0300が出る", ["P0300"]),
        ("u0100 C0035 b0081", ["U0100", "C0035", "B0081"]),
        ("XP0300 P03001 P4000 P030 PO300 p03-00", []),
        ("P0A80 and P203B", ["P0A80", "P203B"]),
    ],
)
def test_codes_in_words(text: str, codes: list[str]) -> None:
    assert found(text) == codes


def test_a_truck_is_no_code() -> None:
    assert found("my C1500 stalls, P0300", "1998 Chevrolet C1500") == ["P0300"]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("P0420", Kind.KNOWN, "Catalytic converter below its threshold (bank 1)"),
        ("p0302", Kind.KNOWN, "Cylinder 2 misfires"),
        ("P1326", Kind.MAKER, "maker-specific (powertrain)"),
        ("P3123", Kind.MAKER, "maker-specific (powertrain)"),
        ("B1234", Kind.MAKER, "maker-specific (body)"),
        ("U2100", Kind.MAKER, "maker-specific (network)"),
        ("P0AFF", Kind.UNKNOWN, "generic, not known here (hybrid)"),
        ("P3456", Kind.UNKNOWN, "generic, not known here (powertrain)"),
        ("B3000", Kind.RESERVED, "reserved by the standard (body)"),
        ("C0035", Kind.KNOWN, "Wheel speed sensor, left front (check the maker's text)"),
    ],
)
def test_what_is_said_of_a_code(code: str, kind: Kind, words: str) -> None:
    meaning = OWN_CODES.meaning(code)
    assert (meaning.kind, meaning.words) == (kind, words)


def test_own_table_is_of_generic_codes_only() -> None:
    table = own_meanings()
    assert len(table) >= 150
    assert all(CODE.fullmatch(code) and code == code.upper() for code in table)
    assert {Codes(loaded={"P9999": "x"}).meaning(code).kind for code in table} == {Kind.KNOWN}
    assert not [code for code in table if code[1] == "1" or (code[1] == "3" and code[0] in "BC")]
    assert max(map(len, table.values())) <= 64


def test_what_was_loaded_stands_before_the_own_table() -> None:
    codes = Codes({"P1326": "Knock sensor detection system", "C0035": "Left front wheel speed"})
    assert codes.meaning("P1326").words == "Knock sensor detection system"
    assert codes.meaning("c0035").words == "Left front wheel speed"
    assert codes.meaning("P0420").kind is Kind.KNOWN


def test_no_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no trouble code"):
        OWN_CODES.meaning("P4000")


@given(st.text(max_size=300))
def test_any_text_has_codes_or_none(text: str) -> None:
    assert all(CODE.fullmatch(code) and code in text.upper() for code in found(text))


@given(st.lists(st.from_regex(CODE, fullmatch=True), max_size=8), st.integers(12, 100))
def test_lines_fit_and_leave_out_nothing_unsaid(codes: list[str], width: int) -> None:
    text = " ".join(codes)
    short = codes_in_short(OWN_CODES, text, Vehicle(), width)
    full = codes_in_full(OWN_CODES, text, Vehicle(), width)
    assert all(width_of(line) <= width for line in short if "more codes" not in line[0].text)
    assert all(code in str(full) for code in found(text))
    assert len(short) == min(4, len(found(text)))


TSV = "P1326\tKnock detection\nnonsense\nX1\tno code\n"
CSV = 'code,system,description\np1326,engine,"Knock, detection"\n'
SEMICOLONS = "P1326;Knock detection\n"
OBJECT = json.dumps({"P1326": "Knock detection", "P1327": {"description": "Other"}, "P1328": 3})
LISTED = json.dumps({"codes": [{"code": "P1326", "title": "Knock detection"}, {"code": 3}, None]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TSV, {"P1326": "Knock detection"}),
        (CSV, {"P1326": "Knock, detection"}),
        ("\ufeff" + SEMICOLONS, {"P1326": "Knock detection"}),
        (OBJECT, {"P1326": "Knock detection", "P1327": "Other"}),
        (LISTED, {"P1326": "Knock detection"}),
        ("P1326\tred\x1b[31m  text\n", {"P1326": "red␛[31m text"}),
    ],
)
def test_files_people_have(text: str, expected: dict[str, str]) -> None:
    assert parse(text) == expected


@given(st.text(max_size=200) | st.text('P0123\t,;"{}[]:\n', max_size=60))
def test_any_file_is_a_table_or_refused(text: str) -> None:
    try:
        table = parse(text)
    except CodeFileError:
        return
    assert table
    assert all(CODE.fullmatch(code) and meaning for code, meaning in table.items())


def test_newer_codes_replace_older(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "codes.tsv"
    assert load_codes(path).loaded == {}
    assert add_codes(path, {"P1326": "old", "P1400": "kept"}) == 2
    assert add_codes(path, {"P1326": "new"}) == 2
    assert load_codes(path).loaded == {"P1326": "new", "P1400": "kept"}


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    file = tmp_path / "mine.csv"
    file.write_text(CSV, encoding="utf-8")
    assert run(["dtc", "show", "P1326"]) == 0
    assert run(["dtc", "import", str(file)]) == 0
    assert run(["dtc", "show", "p1326", "P0420"]) == 0
    assert run(["dtc", "show", "--json", "P1400"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "P1326  maker-specific (powertrain)",
        f"1 codes loaded; 1 are kept in {table_path()}",
        "P1326  Knock, detection",
        "P0420  Catalytic converter below its threshold (bank 1)",
        '{"code":"P1400","kind":"maker","system":"powertrain","meaning":null}',
    ]
    assert run(["dtc", "show", "P4000"]) == 2
    assert run(["dtc", "import", str(tmp_path / "none")]) == 2
    file.write_text("nothing", encoding="utf-8")
    assert run(["dtc", "import", str(file)]) == 1
    assert "no line of it is a trouble code" in capsys.readouterr().err
