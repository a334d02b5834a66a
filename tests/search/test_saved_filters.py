"""Saved filters: what each finds is what it counts, and the file they are written to loses nothing."""

import tomllib
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.config_file import ConfigError
from mechtui.rows import Tab
from mechtui.saved_filters import SHIPPED, FilterBook, _quoted, _with_line, put
from mechtui.search.days import Today
from mechtui.search.syntax import parse
from tests.dashboard.support import MINE, NOW, OPEN, Shop

FILE = """# my shop
[client]
server = "https://shop.example"  # the new one
[filters]   # mine
Fords = "make:ford"

"Late ones" = "wait:>10m"
[server]
port = 8420
"""


def test_a_filter_is_written_and_nothing_else_changed(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    file.chmod(0o640)
    put(file, "Fords", 'make:ford "check engine"')
    assert file.stat().st_mode & 0o777 == 0o640
    assert [line for line in FILE.splitlines() if line not in file.read_text()] == ['Fords = "make:ford"']
    told = tomllib.loads(file.read_text())
    assert told["filters"] == {"Fords": 'make:ford "check engine"', "Late ones": "wait:>10m"}
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    book = FilterBook(tmp_path / "new" / "config.toml")
    book.save("Fords", "make:ford")
    assert (tmp_path / "new" / "config.toml").stat().st_mode & 0o777 == 0o600
    assert book.all() == {**SHIPPED, "Fords": "make:ford"}


def test_one_can_be_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[filters]\nToday = ""\n')
    assert list(FilterBook(file).all()) == [name for name in SHIPPED if name != "Today"]


def test_one_of_ones_own_is_taken_out_and_nothing_else_changed(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    FilterBook(file).forget("Fords")
    assert [line for line in FILE.splitlines() if line not in file.read_text()] == ['Fords = "make:ford"']
    assert list(FilterBook(file).all()) == [*SHIPPED, "Late ones"]


@pytest.mark.parametrize("where", ["config.toml", None])
def test_one_there_is_by_default_is_not_offered_again(tmp_path: Path, where: str | None) -> None:
    book = FilterBook(tmp_path / where if where else None)
    book.save("Fords", "make:ford")
    for name in ("Today", "Fords"):
        book.forget(name)
    assert list(book.all()) == [name for name in SHIPPED if name != "Today"]


def test_what_cannot_be_taken_out_safely_is_left_to_people(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[filters]\na = """\nvideo"""\n')
    with pytest.raises(ConfigError, match=r"take .* out yourself"):
        FilterBook(file).forget("a")
    assert tomllib.loads(file.read_text()) == {"filters": {"a": "video"}}


texts = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.dictionaries(texts, texts, max_size=4), st.sampled_from(("", FILE, "a = 1")))
def test_any_name_and_query_can_be_written(filters: dict[str, str], text: str) -> None:
    expected = tomllib.loads(text)
    for name, query in filters.items():
        text = _with_line(text, name, f"{_quoted(name)} = {_quoted(query)}\n")
        expected = {**expected, "filters": {**expected.get("filters", {}), name: query}}
    assert tomllib.loads(text) == expected


@pytest.mark.parametrize("text", ["filters = {a = 'b'}\n", '[filters]\na = """\n[filters]\n"""\n'])
def test_what_cannot_be_written_safely_is_left_to_people(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="write it yourself"):
        put(file, "a", "video")
    assert file.read_text() == text


@pytest.mark.parametrize("text", ["[filters]\na = 1\n", "filters = 3\n", "no toml"])
def test_a_wrong_table_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        FilterBook(file).all()


def test_the_shipped_ones_are_understood() -> None:
    assert [name for name, query in SHIPPED.items() if parse(query, Today(NOW, UTC)).problems] == []


async def test_counts_equal_rows() -> None:
    shop = Shop(*OPEN, MINE)
    async with shop.app.run_test(size=(80, 30)) as pilot:
        await shop.ready(pilot)
        for tab, key in ((Tab.INCOMING, "1"), (Tab.ACTIVE, "2")):
            for n, (name, query) in enumerate(SHIPPED.items(), 1):
                await pilot.press(key, "f")
                line = next(line for line in shop.screen_text.split("\n") if f"{n} {name}" in line)
                count = int(line.split(name)[1].split()[0])
                await pilot.press(str(n))
                assert shop.store.rows(tab).filter_text == query
                assert count == len(shop.store.rows(tab).shown)
                await pilot.press("escape")


async def test_where_the_backend_has_the_rows_it_counts_them() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 30)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4")
        await shop.ready(pilot)
        asked = len(shop.client.filters)
        await pilot.press("f")
        await shop.until(pilot, lambda: len(shop.client.filters) == asked + len(SHIPPED))
        assert all(filters["limit"] == 1 and filters["q"] for filters in shop.client.filters[asked:])
        # Once more in the label of the tab.
        await shop.until(pilot, lambda: shop.screen_text.count(" 212  ") == len(SHIPPED) + 1)


async def test_a_filter_is_forgotten_after_a_question_only() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 30)) as pilot:
        await shop.ready(pilot)
        await pilot.press("f", "down", "delete", "escape")
        assert "Waits over 5 minutes" in shop.screen_text
        await pilot.press("delete")
        assert "Forget this filter?" in shop.screen_text
        assert "is:open wait:>5m" in shop.screen_text
        await pilot.press("enter")
        assert "Waits over 5 minutes" not in shop.screen_text
        for _ in range(len(SHIPPED) - 1):
            await pilot.press("backspace", "enter")
        assert "There are none: F saves one." in shop.screen_text
        await pilot.press("delete", "enter")
        assert shop.store.rows(Tab.INCOMING).filter_text == ""
