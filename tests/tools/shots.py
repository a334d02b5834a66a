"""Pictures of every screen and state as SVG files: `python -m tests.tools.shots DIR`."""

import asyncio
import sys
from pathlib import Path

from tests.dashboard.scenes import NAMES, stage

SIZES = ((60, 20), (80, 24), (120, 36))
THEMES = ("dark", "light")


async def shoot(name: str, size: tuple[int, int], theme: str, folder: Path) -> None:
    """Bring one scene about and keep its picture."""
    scene = stage(name, theme)
    async with scene.app.run_test(size=size, notifications=True) as pilot:
        await scene.prepare(pilot)
        file = folder / f"{name.replace(' ', '_')}-{size[0]}x{size[1]}-{theme}.svg"
        file.write_text(scene.app.export_screenshot(title=f"mechtui: {name}"), encoding="utf-8")


async def shoot_all(folder: Path) -> None:
    """Keep all pictures in a folder that is there."""
    for name in NAMES:
        for size in SIZES:
            for theme in THEMES:
                await shoot(name, size, theme, folder)
    print(f"{len(NAMES) * len(SIZES) * len(THEMES)} pictures in {folder}")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(shoot_all(target))
