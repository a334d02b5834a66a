"""Statements and texts on their way to PostgreSQL and back."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui import server
from mechtui.server.db.engine import engine_of
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.statements import bound, received, translated
from mechtui.text import fold
from tests.engines import PostgresServer
from tests.server.support import ShopFloor

SOURCES = [path for path in Path(server.__file__).parent.rglob("*.*") if path.suffix in {".py", ".sql"}]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\ufdd00"), max_size=30)


@pytest.mark.parametrize(
    ("sql", "sent", "names"),
    [
        ("SELECT ?, ?", "SELECT $1, $2", ()),
        ("SELECT :b, :a, :b", "SELECT $1, $2, $1", ("b", "a")),
        ("SELECT ':a ?', 'it''s ?', :a::text", "SELECT ':a ?', 'it''s ?', $1::text", ("a",)),
    ],
)
def test_what_is_bound_is_numbered(sql: str, sent: str, names: tuple[str, ...]) -> None:
    assert translated(sql) == (sent, names)


@given(st.dictionaries(st.sampled_from("abc"), TEXTS, min_size=3))
def test_what_is_bound_by_name_is_in_order(params: dict[str, str]) -> None:
    assert received(tuple(bound(("c", "a"), params))) == (params["c"], params["a"])


@given(st.tuples(TEXTS, st.none(), st.integers(), TEXTS))
def test_any_text_comes_back_as_it_was(row: tuple[Any, ...]) -> None:
    sent = bound((), row)
    assert not any("\0" in value for value in sent if isinstance(value, str))
    assert received(tuple(sent)) == row


@given(st.lists(TEXTS))
def test_so_does_any_list_of_texts(texts: list[str]) -> None:
    (sent,) = bound((), (texts,))
    assert not any("\0" in value for value in sent)
    assert received(tuple(sent)) == tuple(texts)


def test_a_text_is_folded_there_as_here(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        reader = engine_of(url).open_reader()

        @given(TEXTS | st.sampled_from(["ÄÖÜß", "İstanbul", "한국어", "ﬁﬂ Ⅷ", "ΣΊΣΥΦΟΣ", "e\u0301\u0327"]))
        def agree(text: str) -> None:
            assert reader.execute("SELECT fold(?)", (text,)).fetchall() == [(fold(text),)]

        agree()
        reader.close()


async def test_text_is_stored_exactly_as_submitted(floor: ShopFloor) -> None:
    concern = "\0 \ufdd0 \ufdd00 \r\n\t a\u0300 \U0001f697 ' \" \\ $1 :a ?"
    request = await floor.submit(concern=concern)
    assert request.concern == concern
    assert floor.reader.execute("SELECT concern FROM intakes WHERE concern = ?", (concern,)).fetchall() == [(concern,)]


def test_what_stands_in_brackets_after_from_has_a_name() -> None:
    """Servers before 16 want one; the tests' own is newer."""
    for text in map(Path.read_text, SOURCES):
        for found in re.finditer(r"\b(?:FROM|JOIN) \((?=SELECT|\{)", text):
            rest = text[end_of_brackets(text, found.end()) :]
            assert re.match(r"\s*(?:AS )?[a-z]", rest), text[found.start() :][:80]


def end_of_brackets(text: str, start: int) -> int:
    """Where the brackets end that stand open."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    raise AssertionError("they do not")


def test_a_reader_only_reads(database: str) -> None:
    engine = engine_of(database)
    with engine.changing():
        pass
    reader = engine.open_reader()
    assert isinstance(reader, PostgresConnection)
    with pytest.raises(Exception, match="read-only"):
        reader.execute("UPDATE feed_head SET seq = seq")
    reader.close()
