"""The themes: dark, light, high-contrast, colour-blind.

Each colour of text is readable on each background it stands on: a test holds all of them to a contrast of 4.5:1.
The colours of all but the light theme are steps of the 256-colour palette, so that a plain SSH terminal shows the
same. Colour never says anything that a word beside it does not.
"""

from textual.theme import Theme

DEFAULT_THEME = "dark"


def _theme(name: str, *, dark: bool, page: str, panel: str, **tones: str) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=tones["accent"],
        secondary=tones["dim"],
        accent=tones["accent"],
        warning=tones["warn"],
        error=tones["urgent"],
        success=tones["good"],
        foreground=tones["text"],
        background=page,
        surface=page,
        panel=panel,
        variables={
            **{f"tone-{tone}": colour for tone, colour in tones.items()},
            "block-cursor-foreground": tones["here-text"],
            "block-cursor-background": tones["here"],
            "input-selection-background": tones["rule"],
        },
    )


THEMES = (
    _theme("dark", dark=True, page="#121212", panel="#1c1c1c", text="#d0d0d0", strong="#ffffff", dim="#8a8a8a",
           rule="#444444", accent="#5fafff", urgent="#ff875f", warn="#ffd75f", good="#87d787",
           match="#ff87d7", here="#5fafff", **{"here-text": "#121212"}),
    _theme("light", dark=False, page="#ffffff", panel="#f0f0f0", text="#222222", strong="#000000", dim="#5f5f5f",
           rule="#b2b2b2", accent="#005faf", urgent="#af1f00", warn="#7a5200", good="#00661a",
           match="#8700af", here="#005faf", **{"here-text": "#ffffff"}),
    _theme("high-contrast", dark=True, page="#000000", panel="#000000", text="#ffffff", strong="#ffffff", dim="#d0d0d0",
           rule="#ffffff", accent="#5fffff", urgent="#ffaf87", warn="#ffff00", good="#87ff87",
           match="#ff87ff", here="#ffff00", **{"here-text": "#000000"}),
    _theme("colour-blind", dark=True, page="#121212", panel="#1c1c1c", text="#d0d0d0", strong="#ffffff", dim="#8a8a8a",
           rule="#444444", accent="#87d7ff", urgent="#ffaf00", warn="#ffd787", good="#5fafff",
           match="#ffffff", here="#ffd787", **{"here-text": "#121212"}),
)  # fmt: skip

THEME_NAMES = tuple(theme.name for theme in THEMES)


def theme_named(name: str) -> str:
    """The name of the theme to start with: the one asked for, where there is such a one."""
    return name if name in THEME_NAMES else DEFAULT_THEME
