"""A newer backend: fields, frames, kinds, types and states nobody here knows hide nothing and stop nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mechtui.replica
import mechtui.store
from mechtui.feed import _decoded
from mechtui.frames import Delta, FeedEvent, Heartbeat, SnapshotEnd, SnapshotPart, Welcome
from mechtui.models import Counts, Session, Status
from mechtui.replica import LinkChanged, LinkState, Replica, digest_of
from mechtui.rows import Tab
from mechtui.store import Store
from tests.dashboard.support import BMW, CAMRY, KIA, ME, NOW, taken

EPOCH, SEQ = "epoch", 7
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(lambda word: f"new_{word}")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def with_junk(value: Any, data: st.DataObject) -> Any:
    """The same JSON with fields nobody knows, at every depth."""
    if isinstance(value, list):
        return [with_junk(each, data) for each in value]
    if not isinstance(value, dict):
        return value
    known = {name: with_junk(each, data) for name, each in value.items()}
    return known | data.draw(st.dictionaries(WORDS, JUNK, max_size=2))


def told(rows: tuple[Session, ...], later: Session, kind: str) -> list[dict[str, Any]]:
    """A snapshot of rows, then an event that brings another, then a heartbeat."""
    now = (*rows, later)
    me = {"me": ME, "counts": Counts()}
    frames = [
        Welcome(epoch=EPOCH, seq=SEQ, now=NOW, heartbeat=5, mode="snapshot", **me),  # type: ignore[arg-type]
        SnapshotPart(seq=SEQ, sessions=rows),
        SnapshotEnd(seq=SEQ, rows=len(rows), digest=digest_of((r.id, r.version) for r in rows), counts=Counts()),
        Delta.model_validate(
            {"from": SEQ, "to": SEQ + 1, "events": (FeedEvent(seq=SEQ + 1, kind=kind, at=NOW, session=later),)}
        ),
        Heartbeat(seq=SEQ + 1, now=NOW, digest=digest_of((r.id, r.version) for r in now), counts=Counts()),
    ]
    return [frame.model_dump(mode="json", by_alias=True) for frame in frames]


def shown_by(frames: list[str]) -> tuple[set[str], set[str]]:
    """What a terminal has under Incoming and Active after these frames; raises when one stops it."""
    replica, store = Replica(), Store()
    for text in frames:
        frame = _decoded(text)
        for update in replica.apply(frame) if frame is not None else ():
            store.apply(update)
    store.apply(LinkChanged(LinkState.LIVE))
    return set(store.rows(Tab.INCOMING).shown), set(store.rows(Tab.ACTIVE).shown)


def newer(data: st.DataObject) -> tuple[set[str], set[str]]:
    """What a terminal shows of a newer backend's frames; the same is to be seen whatever is new in them."""
    mine = taken(KIA).model_copy(update={"status": data.draw(WORDS)})
    strange = BMW.model_copy(update={"type": data.draw(WORDS)})
    frames = [with_junk(frame, data) for frame in told((CAMRY, mine), strange, data.draw(WORDS))]
    for _ in range(data.draw(st.integers(0, 3))):
        frames.insert(data.draw(st.integers(0, len(frames))), {"t": data.draw(WORDS), "what": data.draw(JUNK)})
    return shown_by([json.dumps(frame) for frame in frames])


@settings(deadline=None)
@given(st.data())
def test_what_is_new_hides_nothing_and_stops_nothing(data: st.DataObject) -> None:
    assert newer(data) == ({CAMRY.id, BMW.id}, {KIA.id})


@pytest.mark.planted
def test_a_terminal_that_holds_known_states_only_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    held = mechtui.replica.is_held

    def known_only(session: Session, me: str) -> bool:
        return session.status in set(Status) and held(session, me)

    for module in (mechtui.replica, mechtui.store):
        monkeypatch.setattr(module, "is_held", known_only)

    frames = told((CAMRY, taken(KIA).model_copy(update={"status": "paused"})), BMW, "created")
    assert shown_by([json.dumps(frame) for frame in frames]) != ({CAMRY.id, BMW.id}, {KIA.id})
