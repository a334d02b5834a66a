"""How what a terminal sends is cut into pieces: whatever comes, and in however many reads."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.typed import ANSWER_SECONDS, PASTE_LIMIT, Alt, Keys, Pasted, Piece, Sequence, Typed
from tests.terminals.answers import ANSWERS

ESCAPE_SECONDS = 0.025
PARTS = (
    *(answer.decode() for answer in ANSWERS),
    *("a", "jk", "é漢", "\r", "\x03", "\x1b[A", "\x1bOP", "\x1b[1;5C", "\x1b[<0;10;5M", "\x1b[Mabc", "\x1b[[A"),
    *("\x1ba", "\x1b\x1b", "\x1b[200~a\x1b[Aq\x1b\x1b[201~", "\x1b[201~", "\x1b[12", "\x1b]0;", "\x1bP\x1b"),
)
streams = st.one_of(
    st.lists(st.sampled_from(PARTS)).map("".join), st.text(st.sampled_from("\x1b[]OPM_;~0a\x07\\\r?$<\x9b\ud7ff"))
)


def cut(*reads: str) -> list[Piece]:
    """The pieces of these reads, keys that come one after another as one, and what is left when nothing more comes."""
    typed = Typed(ESCAPE_SECONDS)
    return joined([piece for read in reads for piece in typed.feed(read)] + list(typed.expire()))


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    whole: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Keys) and whole and isinstance(whole[-1], Keys):
            piece = Keys(whole.pop().text + piece.text)  # type: ignore[union-attr]
        whole.append(piece)
    return whole


@given(streams, st.data())
def test_where_a_read_ends_says_nothing(stream: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reads = [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]
    assert cut(*reads) == cut(stream)


@given(streams)
def test_nothing_that_was_typed_is_held_for_ever(stream: str) -> None:
    typed = Typed(ESCAPE_SECONDS)
    list(typed.feed(stream))
    if "\x1b[200~" not in stream:
        list(typed.expire())
        assert typed.patience is None
        assert list(typed.feed("x")) == [Keys("x")]


@given(st.text(max_size=200).filter(lambda text: "\x1b[201~" not in text))
def test_a_paste_is_text_whatever_is_in_it(text: str) -> None:
    assert cut("\x1b[200~", text, "\x1b[201~") == [Pasted(text, len(text))]


@pytest.mark.parametrize("size", [PASTE_LIMIT, PASTE_LIMIT + 1])
def test_of_a_paste_that_is_too_long_nothing_is_kept(size: int) -> None:
    assert cut("\x1b[200~", *["a" * 1000] * (size // 1000), "a" * (size % 1000), "\x1b[201~") == [
        Pasted("a" * size if size <= PASTE_LIMIT else "", size)
    ]


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_an_answer_has_no_keys_in_it(answer: bytes) -> None:
    for end in range(1, len(answer)):
        typed = Typed(ESCAPE_SECONDS)
        pieces = [*typed.feed(answer[:end].decode()), *typed.feed(answer[end:].decode()), *typed.expire()]
        assert all(isinstance(piece, Sequence) for piece in pieces), f"cut at {end}: {pieces}"


@pytest.mark.parametrize(
    ("begun", "patience", "piece"),
    [
        ("", None, []),
        ("\x1b", ESCAPE_SECONDS, [Alt()]),
        ("\x1b[", ESCAPE_SECONDS, [Alt("[")]),
        ("\x1b]", ESCAPE_SECONDS, [Alt("]")]),
        ("\x1b[6", ANSWER_SECONDS, []),
        ("\x1b]11;rgb:", ANSWER_SECONDS, []),
        ("\x1b]11;rgb:\x1b", ANSWER_SECONDS, []),
        ("\x1b[200~abc", None, []),
    ],
)
def test_how_long_is_waited_for_the_rest(begun: str, patience: float | None, piece: list[Piece]) -> None:
    typed = Typed(ESCAPE_SECONDS)
    assert list(typed.feed(begun)) == []
    assert typed.patience == patience
    assert list(typed.expire()) == piece


@pytest.mark.parametrize("key", ["\r", "\x03", "\x1b[A"], ids=["Enter", "Ctrl+C", "up"])
def test_who_presses_a_key_in_the_midst_of_an_answer_is_heard(key: str) -> None:
    assert cut("\x1b]52;c;YWFh", key) == [Sequence(key) if "[" in key else Keys(key)]


def test_a_sequence_without_end_is_not_kept() -> None:
    typed = Typed(ESCAPE_SECONDS)
    list(typed.feed(f"\x1b[{'0;' * 2000}"))
    assert typed.patience is None
