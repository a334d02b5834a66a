"""Reading queries: what they mean, that nothing is too strange, and that what is sent is read back the same."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechtui.search.days import Today, millis
from mechtui.search.render import render
from mechtui.search.syntax import SENT, TYPED, parse
from mechtui.search.tree import EVERYTHING, All, Among, Any, Between, Flag, Match, Node, Not, Words
from mechtui.search.trouble import told
from tests.faults import LARGE
from tests.search.queries import queries

ZONE = timezone(timedelta(hours=-8))
NOW = datetime(2026, 11, 24, 18, 42, 7, tzinfo=UTC)
HERE = Today(NOW, ZONE)


def tree(text: str) -> Node:
    return parse(text, HERE).tree


def at(month: int, day: int, year: int = 2026) -> int:
    return millis(datetime(year, month, day, tzinfo=ZONE))


def dates(low: int | None, high: int | None) -> Between:
    return Between("date", low, high)


CAMRY, DOE = Words("text", "camry"), Words("name", "doe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", EVERYTHING),
        ("camry", CAMRY),
        ("  camry \t name:doe ", All((CAMRY, DOE))),
        ("camry or name:doe", Any((CAMRY, DOE))),
        ("camry name:doe OR camry", Any((All((CAMRY, DOE)), CAMRY))),
        ("-camry", Not(CAMRY)),
        ("--camry", CAMRY),
        ("-(camry or name:doe)", Not(Any((CAMRY, DOE)))),
        ("((camry", CAMRY),
        ("camry))", CAMRY),
        ("- camry", CAMRY),
        ("or camry or", CAMRY),
        ("()", EVERYTHING),
        ('"check engine', Words("text", "check engine")),
        ('"a ""b"""', Words("text", 'a "b"')),
        ('""', EVERYTHING),
        ("stall*", Words("text", "stall", Match.START)),
        ('"check eng"*', Words("text", "check eng", Match.START)),
        ("*", EVERYTHING),
        ("3:30pm", Words("text", "3:30pm")),
        ("http://x", Words("text", "http://x")),
        ('15"', Words("text", '15"')),
        ("orange", Words("text", "orange")),
    ],
)
def test_words_and_groups(text: str, expected: Node) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("video", Among("type", ("video",))),
        ("diag", Among("type", ("diagnostic",))),
        ("dia", Words("text", "dia")),
        ("chat camry video", All((Among("type", ("chat", "video")), CAMRY))),
        ("type:v,c", Among("type", ("chat", "video"))),
        ("status:c", Among("status", ("cancelled", "completed"))),
        ("make:toyota,honda", Any((Words("make", "toyota"), Words("make", "honda")))),
        ('make:="land rover"', Words("make", "land rover", Match.WHOLE)),
        ("vin:4T1*", Words("vin", "4T1", Match.START)),
        ("NAME:doe", DOE),
        ("customer:doe", DOE),
        ("code:p0420", Words("code", "P0420", Match.WHOLE)),
        ("dtc:P04", Words("code", "P04", Match.START)),
        ("is:urg", Flag("is", "urgent")),
        ("has:summary", Flag("has", "summary")),
        ("year:2018", Between("year", 2018, 2019)),
        ("year:18", Between("year", 2018, 2019)),
        ("year:2015..2020", Between("year", 2015, 2021)),
        ("year:2020..2015", Between("year", 2015, 2021)),
        ("year:2015..", Between("year", 2015, None)),
        ("rating:>=4", Between("rating", 4, None)),
        ("rating:<4", Between("rating", None, 4)),
        ("wait:>5m", Between("wait", 300_001, None)),
        ("wait:5m", Between("wait", 300_000, 360_000)),
        ("length:<=1h30m", Between("length", None, 5_400_001)),
        ("price:29", Between("price", 2900, 3000)),
        ("price:20..$30", Between("price", 2000, 3001)),
    ],
)
def test_fields(text: str, expected: Node) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", dates(at(11, 24), at(11, 25))),
        ("yesterday", dates(at(11, 23), at(11, 24))),
        ("today or yesterday", Any((dates(at(11, 24), at(11, 25)), dates(at(11, 23), at(11, 24))))),
        ("today yesterday", Any((dates(at(11, 24), at(11, 25)), dates(at(11, 23), at(11, 24))))),
        ("last week", dates(at(11, 16), at(11, 23))),
        ("this week", dates(at(11, 23), at(11, 30))),
        ("last month", dates(at(10, 1), at(11, 1))),
        ("last year", dates(at(1, 1, 2025), at(1, 1))),
        ('"last week"', Words("text", "last week")),
        ("last", Words("text", "last")),
        ("monday", dates(at(11, 23), at(11, 24))),
        ("tuesday", dates(at(11, 24), at(11, 25))),
        ("wednesday", dates(at(11, 18), at(11, 19))),
        ("sun", Words("text", "sun")),
        ("7d", dates(at(11, 18), at(11, 25))),
        ("2026-11", dates(at(11, 1), at(12, 1))),
        ("2026-11-24", dates(at(11, 24), at(11, 25))),
        ("2026-11-01..2026-11-03", dates(at(11, 1), at(11, 4))),
        ("2026-13", Words("text", "2026-13")),
        ("2026", Words("text", "2026")),
        ("from:mon", dates(at(11, 23), None)),
        ("to:2026-11", dates(None, at(12, 1))),
        ("before:2026-11-01", dates(None, at(11, 1))),
        ("after:last week", dates(at(11, 23), None)),
        ('from:"last week"', dates(at(11, 16), None)),
        ("date:2025", dates(at(1, 1, 2025), at(1, 1))),
    ],
)
def test_days_are_those_of_the_people_here(text: str, expected: Node) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("camry today", ""),
        ("year:20x camry", "year:20x is not understood, left out"),
        ("colour:red", "no field colour: (did you mean code:?)"),
        ("raiting:4", "no field raiting: (did you mean rating:?)"),
        ("xyzzy:4", "no field xyzzy:"),
        ("make:", "make: has no value yet"),
        ("make:toyota,", ""),
        ("rating:>=", "rating: has no value yet"),
        ("rating:1,9", "rating:9 is not understood, left out"),
        ("before:soon is:u", "before:soon is not understood, left out; is:u is not understood, left out"),
        ("a " * 33, "only the first 32 terms are read"),
        ("a" * 501, "only the first 500 characters are read"),
        ("(" * 9 + "a", "parentheses deeper than 8 are left out"),
    ],
)
def test_what_is_not_understood_is_named(text: str, words: str) -> None:
    assert told(parse(text, HERE).problems) == words


def test_what_is_not_understood_leaves_the_rest() -> None:
    assert tree("year:20x camry make:") == CAMRY
    assert tree("colour:red") == Words("text", "colour:red")


def test_a_group_too_deep_keeps_what_is_in_it() -> None:
    assert tree("(" * 12 + "camry" + ")" * 12 + " or name:doe") == Any((CAMRY, DOE))


@settings(max_examples=100_000 if LARGE else 1_000, deadline=None)
@given(st.one_of(st.text(), st.text(alphabet='ab:-"()*<>=.,0123456789 orT$\n'), queries))
def test_nothing_is_too_strange(text: str) -> None:
    query = parse(text, HERE)
    assert query.text == text
    assert parse(render(query.tree), Today(NOW + timedelta(days=9), UTC), SENT).tree == query.tree


@given(st.text(alphabet="a:-\"(),*'", min_size=TYPED.characters - 20, max_size=TYPED.characters))
def test_the_longest_query_is_sent_whole(text: str) -> None:
    sent = parse(render(tree(text)), HERE, SENT)
    assert (sent.problems, sent.tree) == ((), tree(text))


texts = st.text(min_size=1)
words = st.builds(
    Words, st.sampled_from(("name", "vehicle", "make", "model", "vin", "plate")), texts, st.sampled_from(Match)
)
plain = st.builds(Words, st.just("text"), texts, st.sampled_from((Match.INSIDE, Match.START)))


@given(st.lists(st.one_of(words, plain, words.map(Not)), min_size=2, max_size=5))
def test_any_text_survives_being_sent(parts: list[Node]) -> None:
    for node in (All(tuple(parts)), Any(tuple(parts))):
        assert parse(render(node), HERE, SENT).tree == node
