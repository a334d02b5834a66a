"""The page on what doctor looks for, from the kinds' own declarations."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mechtui.server.doctor.kinds import OWN_KINDS, OwnKind
from mechtui.server.legacy.kinds import KINDS
from mechtui.server.legacy.looking import DECLARED_IN

Table = Callable[[Sequence[str], Iterable[Sequence[Any]]], str]

OPENING = (
    "`mechtui doctor` looks a database of ours through, `mechtui doctor SOURCE` an old one ([moving.md](moving.md)). "
    "It ends with 1 when anything was found, with 0 when nothing was; `--json` names every row. The backend looks by "
    "itself at its start and every minute: every terminal shows `0 lost of 1,204`, "
    "`/api/health` says how many sessions are `lost`, `of` how many; "
    "`mechtui_lost_sessions` is for Prometheus, and in the JSON log each kind that was found is a line `damage`."
)
REPAIR = (
    "`mechtui doctor --repair` does what is marked safe, each in a transaction of its own and, where it is about a "
    "session, with a `repaired` event. No backend may serve meanwhile. The rest only people can decide, so it is "
    "listed. *Lost* are sessions that may be nowhere where somebody looks for them: the number that has to be 0."
)


def parts(table: Table) -> Iterable[str]:
    """Its parts."""
    assert DECLARED_IN, "they declare what is shown"
    yield OPENING
    yield "## Our own database"
    yield REPAIR
    yield table(
        ("kind", "what it is", "lost", "what is done"),
        [
            (f"`{k.name}`", k.words, "lost" if k.lost else "", f"{'safe: ' if k.safe else ''}{k.repair}")
            for k in OWN_KINDS
        ],
    )
    yield "## An old database"
    yield (
        "What is *repaired* is so as it is moved, by what other rows say; what would be a guess is *quarantined*: "
        "named, and not moved. Where it depends, the last column says on what."
    )
    yield table(
        ("kind", "what it is", "mostly", "what is done"),
        [(f"K{number}", k.words, k.fate, k.repair) for number, k in sorted(KINDS.items())],
    )


def _done(kind: OwnKind) -> str:
    return f"safe: {kind.repair}" if kind.safe else kind.repair
