"""What goes on a board, built as the virtual board has it: the same code, the same images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tools import build, images
from tools.command import Stop
from tools.device_packages import PACKAGES, ROOT
from tools.flash.layout import BLOCKS


def compiled(config: Path) -> build.Build:
    """All code, and `config` as config.py."""
    try:
        return build.build(ROOT, PACKAGES, config, BLOCKS["4MB"])
    except (build.BuildError, OSError) as error:
        raise Stop(f"the code cannot be built: {error}") from error


def images_for(built: build.Build, flash_size: str) -> dict[str, bytes]:
    """The images by their names in tools.build, for a chip of that size."""
    try:
        return replace(built, blocks=BLOCKS[flash_size]).images()
    except images.ImageError as error:
        raise Stop(str(error)) from error
