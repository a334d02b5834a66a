"""What is waited for on a screen is seen there whatever stands before it."""

import pyte
import pytest

from tests.hostile.terminal import Screen


@pytest.mark.parametrize("sign", ["\u20dd", "\u0489", "\u0301", "\u0e49", "\u200d", "\ufe0f"])
def test_what_comes_after_a_sign_without_width_is_seen(sign: str) -> None:
    screen = Screen(10, 1)
    pyte.ByteStream(screen).feed(f"a{sign}bc\N{CJK UNIFIED IDEOGRAPH-6F22}d".encode())
    assert screen.display[0].rstrip().replace(sign, "") in {"abc\u6f22d", "\u00e1bc\u6f22d"}
