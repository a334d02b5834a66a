"""A report as PDF pages in A4, its fonts embedded.

The same document gives the same bytes. Scripts that run from right to left are shaped and ordered, but stand at the
left edge like all other text.
"""

import logging
import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from mechtui.report.document import Document, Section
from mechtui.report.fonts import covered, first_fonts, further_fonts

_MISSING = "\N{WHITE SQUARE}"
_MARGIN, _LABEL, _WHEN, _AFTER = 20, 30, 30, 18
_TEXT, _DIM, _ACCENT = (34, 34, 34), (110, 110, 110), (0, 82, 140)
_LINE = 4.9
_PRICE_ROOM = 14
"""The price stays with the rule above it."""
_BLANK_LINES = re.compile(r"\n[ \n]*\n")
_SPACES = frozenset(map(ord, " \n"))

logging.getLogger("fontTools").setLevel(logging.ERROR)


def as_pdf(document: Document) -> bytes:
    """The pages; laid out twice, since only then is known how many there are to number."""
    with TemporaryDirectory(prefix="mechtui-fonts-") as folder:
        count = 0
        for _ in range(2):
            with closing(_Pages(document, Path(folder), total=count)) as pages:
                count = pages.laid_out().pages_count
                content = bytes(pages.output())
        return content


class _Pages(FPDF):
    """One report being laid out.

    Texts are written in the library's markdown mode with every mark taken out of it. Only in that mode each line names
    its own font; otherwise what follows a line that begins in a further font is drawn in a wrong one.
    """

    MARKDOWN_BOLD_MARKER = MARKDOWN_ITALICS_MARKER = MARKDOWN_STRIKETHROUGH_MARKER = MARKDOWN_UNDERLINE_MARKER = "\0\0"
    MARKDOWN_MARKERS = ()  # type: ignore[assignment]
    MARKDOWN_ESCAPE_CHARACTER = "\0"
    MARKDOWN_LINK_REGEX = re.compile(r"(?!)")

    def __init__(self, document: Document, folder: Path, *, total: int) -> None:
        super().__init__(format="A4")
        self._document = document
        self._total = total
        self._missing = 0
        self._drawable: set[int] = set(_SPACES)
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.alias_nb_pages("")  # else the words `{nb}` of a customer would become a number
        self.set_creation_date(document.made_at)
        self.set_title(f"{document.title}: {document.about}")
        self._take_fonts(folder)

    def _take_fonts(self, folder: Path) -> None:
        regular, bold = first_fonts(folder)
        self.add_font("first", "", regular)
        self.add_font("first", "B", bold)
        self._drawable |= covered(regular) & covered(bold)
        wanted = {ord(c) for c in _all_text(self._document)} - self._drawable
        further = []
        for number, font in enumerate(further_fonts(folder) if wanted else ()):
            has = covered(font)
            if wanted & has:
                self.add_font(f"further{number}", "", font)
                further.append(f"further{number}")
                self._drawable |= has
                wanted -= has
        self.set_fallback_fonts(further, exact_match=False)

    # --- the pages --------------------------------------------------------------------------------------------

    def laid_out(self) -> "_Pages":
        """Write everything."""
        self.add_page()
        self.set_text_shaping(use_shaping_engine=True)
        self._top()
        for section in self._document.sections:
            self._section(section)
        self._price()
        if self._missing:
            words = f"{self._missing} characters ({_MISSING}) could not be drawn; the report as text has them."
            self._paragraph(words, _DIM)
        return self

    def close(self) -> None:
        """Let go of the fonts' files, which the library leaves open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Which session, and which page."""
        self.set_y(-_MARGIN + 6)
        self._style(8, _DIM)
        self.multi_cell(0, 5, self._known(self._document.footer), markdown=True, new_x=XPos.LMARGIN, new_y=YPos.TOP)
        self.cell(0, 5, f"{self.page_no()} / {self._total}", align="R")

    def _top(self) -> None:
        self._style(18, _ACCENT, bold=True)
        self._words(0, 9, self._document.shop)
        self._style(12, _TEXT)
        self._words(0, 7, self._document.title)
        self._style(10, _DIM)
        self._words(0, _LINE, self._document.about)
        self._rule(0.6)

    def _section(self, section: Section) -> None:
        if self.will_page_break(4 * _LINE):
            self.add_page()
        self.ln(1.5)
        self._style(11, _ACCENT, bold=True)
        self._words(0, 6, section.title)
        for label, value in section.facts:
            self._row((_LABEL,), (label,), value)
        for text in section.paragraphs:
            self._paragraph(text)
        for when, after, what in section.steps:
            self._row((_WHEN, _AFTER), (when, after), what)

    def _row(self, widths: tuple[int, ...], labels: tuple[str, ...], value: str) -> None:
        if self.will_page_break(_LINE):
            self.add_page()
        self._style(10, _DIM)
        for width, label in zip(widths, labels, strict=True):
            self.cell(width, _LINE, label)
        self._style(10, _TEXT)
        self._words(0, _LINE, value)

    def _paragraph(self, text: str, colour: tuple[int, int, int] = _TEXT) -> None:
        self._style(10, colour)
        self._words(0, _LINE, text)
        self.ln(1)

    def _price(self) -> None:
        if self._document.total is None:
            return
        label, amount = self._document.total
        if self.will_page_break(_PRICE_ROOM):
            self.add_page()
        self._rule(0.3)
        self._style(13, _TEXT, bold=True)
        self.cell(self.epw / 2, 9, label)
        self.cell(self.epw / 2, 9, amount, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rule(self, width: float) -> None:
        self.ln(3)
        self.set_draw_color(*_ACCENT)
        self.set_line_width(width)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.ln(2)

    def _style(self, size: int, colour: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font("first", "B" if bold else "", size)
        self.set_text_color(*colour)

    def _words(self, width: float, height: float, text: str) -> None:
        known = self._known(_BLANK_LINES.sub("\n\n", text.strip("\n")))
        self.multi_cell(width, height, known, align="L", markdown=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _known(self, text: str) -> str:
        """The text with a square for each character that none of the fonts has."""
        return "".join(c if ord(c) in self._drawable else self._lacking() for c in text)

    def _lacking(self) -> str:
        self._missing += 1
        return _MISSING


def _all_text(document: Document) -> str:
    parts = [document.shop, document.about, document.footer, _MISSING]
    for section in document.sections:
        parts += [*section.paragraphs, *(value for _, value in section.facts)]
        parts += [what for _, _, what in section.steps]
    return "".join(parts)
