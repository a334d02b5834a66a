"""What terminals say of themselves when some program has asked."""

ANSWERS = (
    b"\x1b[?62;4;22c",
    b"\x1b[>0;276;0c",
    b"\x1b[12;40R",
    b"\x1b[6;18;9t",
    b"\x1b[?0u",
    b"\x1b[?1016;2$y",
    b"\x1b[0n",
    b"\x1bP>|kitty(0.40)\x1b\\",
    b"\x1bP1$r0;aa1m\x1b\\",
    b"\x1bP!|00000000\x1b\\",
    b"\x1b]11;rgb:0000/aaaa/0000\x1b\\",
    b"\x1b]4;1;rgb:aaaa/0000/0000\x07",
    b"\x1b]52;c;YWFhYWFh\x07",
    b"\x1b_Gi=31;OKaa\x1b\\",
)
"""DA1, DA2, cursor, cell size, keyboard, a mode, status, version, a setting, DA3, colours, clipboard, pictures."""
