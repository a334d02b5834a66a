"""Texts made from seeds, many at once: on a real pty, and in all else that is made of them."""

import csv
import io
import json
import re
from datetime import UTC
from pathlib import Path

import pytest
from fpdf import FPDF
from rich.cells import cell_len

from mechtui.export import ExportForm, begin, lines
from mechtui.formatting import fit, one_line, wrap
from mechtui.models import Page, Report, Session
from mechtui.receiving import file_name, receiving
from mechtui.report import Form, make
from mechtui.text import SafeText
from tests.faults import LARGE
from tests.faults.tally import Tally
from tests.hostile.fuzzing import Fuzz
from tests.hostile.judge import Allowed, findings, text_of
from tests.hostile.packed import SESSIONS, Packed, looked_at, open_packed
from tests.hostile.shop import SeedTexts
from tests.hostile.shop import seed as fill
from tests.hostile.test_commands import ALLOWED as PRINTED
from tests.hostile.test_commands import json_lines, printed
from tests.hostile.test_dashboard import TOURS, painted
from tests.hostile.tour import SAFE, UNSAFE, allowed, dashboard

TEXTS, PARTS = (1_000_000, 50) if LARGE else (4_000, 2)
SHOPS = range(29) if LARGE else range(1)
DEVICES = ("CON", "nul.txt", "COM1.jpg", "CON .tar.gz")
ROUNDS = [(tour, seed) for seed in range(10) for tour in TOURS] if LARGE else [("lies", 0)]
ONE_LINE, BLOCK = Allowed(frozenset()), Allowed(frozenset("\n"))
MARKER = re.compile("zq[0-9]{6}x")
FORMULA = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20\ufe62\ufe63\ufe66\ufe6b]")
PDF_STRINGS = re.compile(rb"stream\r?\n.*?endstream|\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>", re.DOTALL)
PDF_ACTIONS = re.compile(
    rb"/(?:JavaScript|JS|AA|Launch|URI|SubmitForm|ImportData|GoToR|EmbeddedFiles?|Annots|AcroForm|XFA)\b"
)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_text_acts_whatever_is_made_of_it(part: int, tally: Tally) -> None:
    """Two texts as they are put on the screen: whole, side by side, cut, wrapped."""
    fuzz, count = Fuzz(part), TEXTS // PARTS
    for number in range(count // 2):
        first, second = fuzz.text(), fuzz.unsendable()
        line, block = SafeText(first), SafeText.block(second)
        side_by_side = f"{fit(one_line(line), 24)}{fit(one_line(block), 30)}"
        assert cell_len(side_by_side) == 54, (part, first, second)
        for said in (line, side_by_side, *wrap(block, 40)):
            assert findings(said.encode(), ONE_LINE) == [], (part, first, second)
        assert findings(block.encode(), BLOCK) == [], (part, first, second)
        tally.progress(number * 2, count)
    tally.add("hostile texts, as text", texts=fuzz.made)


@pytest.mark.parametrize("seed", SHOPS)
async def test_no_text_acts_on_the_terminal(seed: int, tmp_path: Path, tally: Tally) -> None:
    """A shop whose sessions have thousands of texts each, every one of them paged through to its end."""
    async with open_packed(tmp_path, seed, SESSIONS) as shop:
        screen = await looked_at(shop, tmp_path, SAFE)
        listed = await printed(shop.hostile, tmp_path, "list", "incoming")
        shown = await printed(shop.hostile, tmp_path, "show", shop.sessions[0])
        as_json = await json_lines(shop.hostile, tmp_path, "list", "incoming")
        await files_of(shop)
    wrong = {place: found for place, said in screen.places.items() if (found := findings(said, allowed(shop.hostile)))}
    assert wrong == {}
    assert findings(listed, PRINTED) == findings(shown, PRINTED) == []
    assert all(line.isascii() and line.isprintable() for line in as_json)
    assert sorted(json.loads(line)["concern"] for line in as_json) == sorted(shop.concerns)
    seen = set(MARKER.findall(text_of(screen.written)))
    assert len(seen) > shop.texts * 0.6, "lines break within some, and some are in others' tails that are cut off"
    tally.add("hostile texts, on a real pty", shops=1, texts=shop.texts, whole_markers_seen=len(seen))


@pytest.mark.parametrize(("tour", "seed"), ROUNDS)
async def test_no_text_acts_in_any_panel(tour: str, seed: int, tmp_path: Path, tally: Tally) -> None:
    """The tours of every screen there is, with texts of a seed for the corpus."""
    visit, size = TOURS[tour]
    texts = SeedTexts(seed)
    async with dashboard(await fill(tmp_path / "seed.db", texts), tmp_path, size) as (hostile, screen):
        await visit.go(hostile, screen)
        assert await screen.end() == 0
    wrong = {place: found for place, said in screen.places.items() if (found := findings(said, allowed(hostile)))}
    assert wrong == {}
    assert painted(tmp_path) >= visit.paints
    tally.add("tours of every screen, with hostile texts", tours=1, texts=texts.made, places=len(screen.places))


async def test_without_the_sanitiser_every_session_leaks(tmp_path: Path) -> None:
    async with open_packed(tmp_path, seed=0, sessions=1) as shop:
        screen = await looked_at(shop, tmp_path, UNSAFE)
    leaking = {place for place, said in screen.places.items() if findings(said, allowed(shop.hostile))}
    assert set(screen.places) - leaking <= {"start", "end"}


async def files_of(shop: Packed) -> None:
    """What is exported and reported: cells that are no formula, JSON word for word, a PDF without actions."""
    page = Page[Session].model_validate_json((await shop.get("/api/mechanics/requests?status=pending&limit=100")).text)
    table = begin(ExportForm.CSV) + lines(ExportForm.CSV, page.items, first=True)
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == len(page.items) + 1
    assert [cell for row in rows for cell in row if FORMULA.match(cell)] == []
    assert all(findings(cell.encode(), BLOCK) == [] for row in rows for cell in row)
    report = Report.model_validate_json((await shop.get(f"/api/sessions/{shop.completed}/report")).text)
    for form in Form:
        made = make(report, form, UTC)
        assert pdf_actions(made) == [] if form is Form.PDF else findings(made, BLOCK) == []


def pdf_actions(content: bytes) -> list[bytes]:
    """The names in a PDF, outside of its texts, that make a reader do something."""
    return PDF_ACTIONS.findall(PDF_STRINGS.sub(b"", content))


def test_an_action_in_a_pdf_is_found() -> None:
    page = FPDF()
    page.set_font("Helvetica")
    page.add_page()
    page.cell(text="here", link="http://evil.example")
    assert pdf_actions(bytes(page.output())) != []


def test_a_text_as_a_files_name_stays_in_its_folder(tmp_path: Path) -> None:
    fuzz, folder = Fuzz(1), tmp_path / "saved"
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    names = [fuzz.text() for _ in range(2_000 if LARGE else 300)]
    names += [
        "../precious",
        str(precious),
        "..\\precious",
        "precious\0.jpg",
        "a/" * 200 + "b",
        "CON",
        "nul.txt",
        "COM1.jpg",
    ]
    for name in [*names, *names[:20]]:
        with receiving(folder, name) as saved:
            saved.part.write(name.encode())
        assert saved.path.parent == folder
        assert len(saved.path.name.encode()) <= 255
        assert findings(saved.path.name.encode(), ONE_LINE) == []
    assert len(list(folder.iterdir())) == len(names) + 20
    assert {path.name for path in tmp_path.iterdir()} == {"saved", "precious"}
    assert precious.read_bytes() == b"precious"
    assert not {path.name.partition(".")[0].upper() for path in folder.iterdir()} & {"CON", "NUL", "COM1"}


@pytest.mark.parametrize("name", ["Dash.JPG", "ångström.jpg"])
def test_what_differs_only_in_form_is_not_written_over(tmp_path: Path, name: str) -> None:
    """Where a system takes two names for one, the second has a number; where it does not, there are two."""
    for form in (name, name.upper(), name.lower(), name.replace("å", "a\u030a")):
        with receiving(tmp_path, form) as saved:
            saved.part.write(form.encode())
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted(
        form.encode() for form in (name, name.upper(), name.lower(), name.replace("å", "a\u030a"))
    )


def test_one_seed_is_one_set_of_texts() -> None:
    once, again = Fuzz(7), Fuzz(7)
    assert [once.text() for _ in range(500)] == [again.text() for _ in range(500)]
    assert file_name(once.text()) == file_name(again.text())
