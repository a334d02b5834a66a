"""The page of a session says which one it is and lets nothing act that a customer wrote."""

import re
from html.parser import HTMLParser

from mechtui.server.demo.pages import session_page

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>" & \x1b[31m'


class Seen(HTMLParser):
    """Which tags, attributes and words a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_it_says_which_session_this_is() -> None:
    words = " ".join(Seen(session_page("video", "4f-1", {"Customer": "Linh Trần"})).words)
    assert "Video session 4f-1" in words
    assert "Linh Trần" in words


def test_nothing_a_customer_wrote_becomes_markup() -> None:
    plain = Seen(session_page("chat", "1", {"Concern": "noise"}))
    hostile = Seen(session_page("chat", HOSTILE, {HOSTILE: HOSTILE}))
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert HOSTILE in hostile.words


def test_there_is_no_script_and_nothing_from_elsewhere() -> None:
    page = session_page("diagnostic", "1", {})
    assert not re.search(r"script|https?:|//|@import|url\(|\son\w+=", page.replace("<!DOCTYPE html>", ""))
    assert '<html lang="en">' in page
