"""mechtui that paints each frame, however far behind its terminal is: the control of the tests."""

import sys

from mechtui.pace import AtItsPace

setattr(AtItsPace, "is_behind", False)  # noqa: B010 - a property is not to be assigned to

if __name__ == "__main__":
    from mechtui.cli import run

    sys.exit(run(sys.argv[1:]))
