"""Every colour of text is readable on every background it stands on."""

import pytest
from textual.color import Color
from textual.theme import Theme

from mechtui.themes import DEFAULT_THEME, THEMES, theme_named

READ = ("text", "strong", "dim", "accent", "urgent", "warn", "good", "match")


def contrast(one: Color, other: Color) -> float:
    """The contrast of WCAG 2: from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Color) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_is_readable(theme: Theme) -> None:
    for page in (theme.background, theme.panel):
        for tone in READ:
            assert contrast(Color.parse(theme.variables[f"tone-{tone}"]), Color.parse(page or "")) >= 4.5, (tone, page)
    here = (theme.variables["tone-here-text"], theme.variables["tone-here"])
    assert contrast(*(Color.parse(colour) for colour in here)) >= 4.5


def test_high_contrast_is_that() -> None:
    theme = next(theme for theme in THEMES if theme.name == "high-contrast")
    for tone in READ:
        assert contrast(Color.parse(theme.variables[f"tone-{tone}"]), Color.parse(theme.background or "")) >= 7


def test_an_unknown_theme_is_the_usual_one() -> None:
    assert (theme_named("light"), theme_named("nord"), theme_named("")) == ("light", DEFAULT_THEME, DEFAULT_THEME)
