"""`python -m tests.simulation SEED`: one run, with all that happened in it."""

import sys

from tests.simulation.run import simulate


def main(seed: int) -> int:
    """Print the trace of a run and what was wrong; 1 when anything was."""
    world, _ = simulate(seed)
    print("\n".join(world.trace()))
    for words in world.wrong:
        print("WRONG", words)
    return int(bool(world.wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
