"""The examples of the papers are run, so that they stay right."""

import re
import subprocess
import sys
from pathlib import Path

from mechtui.exits import Exit
from tests.client.shell import User

PAGE = Path(__file__).parents[2] / "docs" / "api_client.md"


def test_the_example_takes_the_first_request(user: User) -> None:
    example, following = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    compile(example + following, PAGE.name, "exec")
    user.be_mechanic("Doc")
    session = user.submit(kind="video", urgent=True)
    done = subprocess.run([sys.executable, "-c", example], cwd=user.folder, capture_output=True, text=True, check=True)
    assert done.stdout == f"{user.shop.server}/video/{session}\n"
    assert user.run("end", session) == Exit.DONE
