"""Figures drawn in cells: bars in half cells, sparklines, shades. Pure; with `plain` only in ASCII.

A drawing never stands alone: the number is always beside it.
"""

from collections.abc import Sequence

_HEIGHTS = " ▁▂▃▄▅▆▇█"
_SHADES = "·░▒▓█"
_PLAIN_SHADES = ".-+*#"
_PLAIN_HEIGHTS = " .:-=+*#@"


def bar(value: float, most: float, width: int, *, plain: bool = False) -> str:
    """A bar of `value` where `most` fills `width` cells; what is not zero has at least a trace. Exactly so wide."""
    if most <= 0 or value <= 0:
        return " " * width
    whole, half = divmod(max(1, min(2 * width, round(2 * width * value / most))), 2)
    if plain:
        return ("#" * max(1, whole)).ljust(width)
    return ("━" * whole + "╸" * half).ljust(width)


def sparkline(values: Sequence[float], *, plain: bool = False) -> str:
    """A cell for each value, as high as its part of the greatest; what is not zero is never empty."""
    return "".join(_step(value, max(values), _PLAIN_HEIGHTS if plain else _HEIGHTS) for value in values)


def shade(value: float, most: float, *, plain: bool = False) -> str:
    """A cell as dark as its part of the greatest; a dot for zero."""
    return _step(value, most, _PLAIN_SHADES if plain else _SHADES)


def _step(value: float, most: float, steps: str) -> str:
    last = len(steps) - 1
    return steps[0] if value <= 0 else steps[max(1, min(last, round(last * value / most)))]
