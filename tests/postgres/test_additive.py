"""Steps of the schema that older backends can live with, and steps they cannot."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mechtui.config import DEFAULT_PLANS
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres import schema
from tests.engines import silent
from tests.faults.planted import MADE_UP_STEP, MADE_UP_VERSION, one_step_more

APART = MADE_UP_STEP.removeprefix(schema.ADDITIVE)


@contextmanager
def newer(monkeypatch: pytest.MonkeyPatch, step: str) -> Iterator[None]:
    """A program whose schema has one step more than ours."""
    with monkeypatch.context() as patched:
        for name, value in one_step_more(step).items():
            patched.setattr(schema, name, value)
        yield


def _serves_from(database: str) -> object:
    """The oldest schema whose programs can serve it."""
    with engine_of(database).looking() as reader:
        return reader.execute("SELECT serves_from FROM mechtui").fetchall()[0][0]


def test_an_additive_step_is_taken_while_older_backends_serve(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    before = _serves_from(database)
    with closing(engine.open_writer()) as serving:
        with newer(monkeypatch, MADE_UP_STEP):
            assert f"to {MADE_UP_VERSION}" in engine.upgrade()
        serving.begin()
        serving.execute("UPDATE feed_head SET seq = seq")
        serving.commit()
    engine.prepare(DEFAULT_PLANS)
    assert "which this version can serve, too" in engine.upgrade()
    assert _serves_from(database) == before
    with pytest.raises(DatabaseError, match="use that version"):
        engine.backup(tmp_path / "saved", silent)


def test_any_other_step_waits_for_them_and_shuts_them_out(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    with newer(monkeypatch, APART):
        with closing(engine.open_writer()), pytest.raises(DatabaseError, match="backends serve"):
            engine.upgrade()
        assert f"to {MADE_UP_VERSION}" in engine.upgrade()
    with pytest.raises(DatabaseError, match="newer mechtui"):
        engine.prepare(DEFAULT_PLANS)


@pytest.mark.parametrize(("step", "serves"), [(MADE_UP_STEP, True), (APART, False)])
def test_fresh_tables_say_who_can_serve_them(
    database: str, monkeypatch: pytest.MonkeyPatch, step: str, serves: bool
) -> None:
    with newer(monkeypatch, step):
        engine_of(database).prepare(DEFAULT_PLANS)
    if serves:
        engine_of(database).prepare(DEFAULT_PLANS)
    else:
        with pytest.raises(DatabaseError, match="newer mechtui"):
            engine_of(database).prepare(DEFAULT_PLANS)
