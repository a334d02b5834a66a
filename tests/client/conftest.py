import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.shell import Shop, User


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    database = f"sqlite:///{tmp_path_factory.mktemp('shop')}/mechtui.db"
    command = [sys.executable, "-m", "mechtui", "serve", "--port", "0", "--database", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield Shop(found[0], database)
        process.terminate()


@pytest.fixture
def user(shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("MECHTUI_CONFIG", raising=False)
    monkeypatch.setenv("MECHTUI_SERVER", shop.server)
    monkeypatch.setenv("MECHTUI_DATABASE", shop.database)
    return User(shop, tmp_path, capsys, monkeypatch)
