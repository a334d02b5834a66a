"""The report of a session: who gets it, what is in it, and that it cannot do harm."""

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest

from mechtui.models import Report
from mechtui.report import Form, file_name, make
from mechtui.report.document import document_of
from mechtui.report.fonts import covered, first_fonts, further_fonts
from mechtui.report.pdf import _Pages
from mechtui.saving import safe_name, save_new, write_new
from mechtui.text import safe_model
from tests.dashboard.support import COMPLETED, HONDA, report_of
from tests.server.live import Shop
from tests.server.support import HandClock
from tests.work.test_summary import completed, summarize

ROW = COMPLETED[0]
MANY_SCRIPTS = "異音がする\n简体: 车辆发动机\nمحرك السيارة\nהמנוע\nगाड़ी\nรถ\nÅsa, Ελένη, Жанна"
HOSTILE = (
    "\x1b]52;c;eA==\x07 **b** __i__ ~~s~~ --u-- \\\\** [a](http://b.c) {nb} \u202e \ud800 \x00" + "\n" * 300 + "end"
)
IDS = ["short", "scripts", "hostile", "long", "unbroken"]


# --- who gets it ------------------------------------------------------------------------------------------------


async def test_holder_customer_and_desk_get_it_and_nobody_else(slow_shop: Shop, hand_clock: HandClock) -> None:
    shop, session_id = slow_shop, await completed(slow_shop, hand_clock)
    await summarize(shop, session_id, shop.ann.token)
    path = f"/api/sessions/{session_id}/report"
    for token in (shop.ann.token, shop.desk.token, shop.customers[session_id]):
        answer = await shop.get(path, token)
        assert answer.status_code == 200, answer.text
        report = Report.model_validate(answer.json())
        assert report.summary is not None
        assert report.made_at == hand_clock.now
        assert [event.kind for event in report.events][-1] == "summary_submitted"
    assert (await shop.get(path, shop.bob.token)).status_code == 404


async def test_only_what_was_completed_has_one(shop: Shop) -> None:
    session_id = await shop.submit()
    assert (await shop.get(f"/api/sessions/{session_id}/report")).status_code == 404
    await shop.accept(session_id)
    early = await shop.get(f"/api/sessions/{session_id}/report")
    assert (early.status_code, early.json()["code"]) == (409, "NOT_COMPLETED")


# --- what is in it ----------------------------------------------------------------------------------------------


def test_the_text_has_all_a_customer_is_told() -> None:
    text = make(report_of(ROW), Form.TXT, UTC).decode()
    told = "Main Street Garage|M. Johnson|555-0142|2012 Honda Civic|cranks but no start|$29.99|No crank: battery 11.9 V"
    for words in (*told.split("|"), "Replace the ground strap.", "14:20", "completed (Dana R.)", "5 of 5"):
        assert words in text
    assert max(len(line) for line in text.splitlines()) <= 78


def test_without_a_summary_it_says_so_and_without_a_rating_it_is_silent() -> None:
    row = ROW.model_copy(update={"has_summary": False, "rating": None})
    text = make(report_of(row), Form.TXT, UTC).decode()
    assert "has not written his summary yet" in text
    assert "YOUR RATING" not in text


def test_the_json_is_the_wire_text_escaped() -> None:
    report = report_of(ROW, concern=MANY_SCRIPTS)
    content = make(report, Form.JSON, UTC)
    assert content.isascii()
    assert Report.model_validate(json.loads(content)) == report


@pytest.mark.parametrize("concern", ["short", MANY_SCRIPTS, HOSTILE, "It makes a noise. " * 1000, "W" * 9000], ids=IDS)
def test_the_same_report_gives_the_same_pages(concern: str) -> None:
    report = report_of(ROW, concern=concern)
    first = make(report, Form.PDF, UTC)
    assert first.startswith(b"%PDF-")
    assert first == make(report, Form.PDF, UTC)


def test_a_long_intake_takes_more_pages_and_a_flood_of_blank_lines_does_not() -> None:
    def pages(concern: str) -> int:
        return make(report_of(ROW, concern=concern), Form.PDF, UTC).count(b"/Type /Page\n")

    assert pages("short") == 1
    assert pages("It makes a noise. " * 1000) > 3
    assert pages(HOSTILE) == 2


def test_what_a_customer_wrote_is_no_place_for_the_number_of_pages(tmp_path: Path) -> None:
    """The library puts that number in place of an alias wherever it stands, `{nb}` unless it is told none."""
    document = document_of(safe_model(report_of(ROW, concern="{nb}")), UTC)
    with closing(_Pages(document, tmp_path, total=1)) as pages:
        assert pages.str_alias_nb_pages == ""


def test_the_fonts_at_hand_draw_the_scripts_of_our_customers(tmp_path: Path) -> None:
    fonts = [*first_fonts(tmp_path), *further_fonts(tmp_path)]
    drawable = frozenset[int]().union(*map(covered, fonts))
    assert [c for c in MANY_SCRIPTS if ord(c) not in drawable and c not in "\n "] == []


def test_no_control_gets_into_a_document() -> None:
    document = document_of(safe_model(report_of(HONDA.model_copy(update={"ended_at": None}), concern=HOSTILE)), UTC)
    text = repr(document)
    assert "\\x1b" not in text
    assert "\\u202e" not in text


# --- as a file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("M. Johnson", "M. Johnson"), ("../../etc/passwd", ".. etc passwd"), ("a\x1b[31m\x00b", "a [31m b"),
        ("", "unnamed"), ("...", "unnamed"), ("陳麗" * 60, "陳麗" * 25), ("\u202egpj.exe", "gpj.exe"),
        ("C:\\x|y", "C x y"),
    ],
)  # fmt: skip
def test_a_name_can_do_no_harm(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    paths = [save_new(folder, "report.pdf", bytes([n])) for n in range(3)]
    assert [path.name for path in paths] == ["report.pdf", "report (2).pdf", "report (3).pdf"]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]
    assert paths[0].stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_new(paths[0], b"")


def test_the_file_is_named_after_the_customer() -> None:
    assert file_name(report_of(ROW), Form.PDF, UTC) == "2026-01-22 M. Johnson 2012 Honda Civic.pdf"


def test_the_fonts_are_not_loaded_before_a_page_is_made() -> None:
    code = "import sys, mechtui.app; sys.exit('fpdf' in sys.modules or 'fontTools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
