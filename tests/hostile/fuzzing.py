"""Hostile text without end, from a seed: the corpus, one text in another, cut in half, strewn with anything."""

from random import Random

from tests.hostile.corpus import CONTROLS, MARKUP, SEQUENCES, SHAPES

_SHORT = [pattern for pattern in (*SEQUENCES.values(), *CONTROLS.values(), *SHAPES.values(), *MARKUP.values())
          if len(pattern) < 200]  # fmt: skip
_SIGNS = (
    *map(chr, range(0x20)),
    "\x7f",
    *map(chr, range(0x80, 0xA0)),
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029\x85",
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u115f\u3164\u034f\ufe0f\U000e0100\ufff9\ufffa\ufffb",
    *map(chr, range(0xE0000, 0xE0080)),
    *"\u0301\u0336\u0489\u20dd\u0e49\u1ab0\u0903",
    *"\ue000\ufdd0\uffff\U0010ffff\u0378\U0001f468\u6f22\uff1d",
    *"=+-@|[]\\/<>&'\"`$%{}();:,#!~^",
    "\x1b[", "\x1b]", "\x1bP", "\x1b\\", "\x9b", "\x9d", "\x9c", "[/]", "\x1b[200~", "\x1b[201~",
)  # fmt: skip
_ANYWHERE = 0x110000
_FORMULAS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\ufe62")


class Fuzz:
    """Makes one text after the other, each with a marker of its own. The same seed, the same texts."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._rest = ""
        self.made = 0

    def text(self) -> str:
        """One text of a few dozen characters, without surrogates: what can be sent."""
        self.made += 1
        marker = f"zq{self.made:06}x"
        text = self._rest + self._shape().replace("{m}", marker).replace("{{", "{").replace("}}", "}")
        self._rest = ""
        if self._random.random() < 0.25:
            text = self._strewn(text)
        if self._random.random() < 0.05:
            text = self._random.choice(_FORMULAS) + text
        if self._random.random() < 0.1:
            cut = self._random.randrange(1, len(text) + 1)
            text, self._rest = text[:cut], text[cut:][:200]
        return text if text.strip() else text + marker

    def unsendable(self) -> str:
        """One with surrogates in it: what can only come from a library or a file."""
        text = self.text()
        place = self._random.randrange(len(text) + 1)
        return text[:place] + chr(self._random.randrange(0xD800, 0xE000)) + text[place:]

    def packed(self, limit: int) -> str:
        """As many texts in one as there is room for in so many characters."""
        parts, length = [self.text()], 0
        while (length := length + len(parts[-1])) < limit - 300:
            parts.append(self.text())
        return "".join(parts)[:limit]

    def _shape(self) -> str:
        pattern = self._random.choice(_SHORT)
        draw = self._random.random()
        if draw < 0.2:
            return pattern.replace("{m}", self._random.choice(_SHORT), 1)
        if draw < 0.3:
            cut = self._random.randrange(len(pattern) + 1)
            return f"{pattern[:cut]}{{m}}{self._random.choice(_SHORT)[cut:]}"
        if draw < 0.35:
            return "{m}" + "".join(self._sign() for _ in range(self._random.randrange(60)))
        return pattern

    def _strewn(self, text: str) -> str:
        for _ in range(self._random.randrange(1, 5)):
            place = self._random.randrange(len(text) + 1)
            text = text[:place] + self._sign() * self._random.choice((1, 1, 1, 2, 40)) + text[place:]
        return text

    def _sign(self) -> str:
        if self._random.random() < 0.8:
            sign: str = self._random.choice(_SIGNS)
            return sign
        code = self._random.randrange(_ANYWHERE)
        return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
