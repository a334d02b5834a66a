"""Saving a report from the dashboard."""

from datetime import UTC
from pathlib import Path

import pytest

from mechtui.api_errors import Unreachable
from mechtui.report import Form, make
from tests.dashboard.support import COMPLETED, OPEN, SERVER, Shop, report_of


def files_in(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(("key", "form"), [("1", Form.PDF), ("2", Form.TXT), ("3", Form.JSON)])
async def test_it_is_saved_in_the_form_chosen(tmp_path: Path, key: str, form: Form) -> None:
    shop = Shop(*OPEN, downloads=tmp_path)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("3")
        await shop.ready(pilot)
        await pilot.press("d", key)
        await shop.ready(pilot)
        await shop.until(pilot, lambda: any(toast.startswith("Report saved") for toast in shop.toasts))
    name = f"2026-01-22 M. Johnson 2012 Honda Civic.{form}"
    assert files_in(tmp_path) == {name: make(report_of(COMPLETED[0]), form, UTC)}


async def test_what_goes_wrong_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shop = Shop(*OPEN, downloads=tmp_path / "file")
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("3")
        await shop.ready(pilot)
        await pilot.press("d", "2")
        await shop.ready(pilot)
        await shop.until(pilot, lambda: any("could not be saved" in toast for toast in shop.toasts))
        shop.client.answers["report"] = Unreachable(SERVER, "cut")
        await pilot.press("d", "enter")
        await shop.ready(pilot)
        await shop.until(pilot, lambda: any("No report" in toast for toast in shop.toasts))
