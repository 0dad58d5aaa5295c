"""What the firmware does from power-on to a crash, as scenes on the chip's own processor.

Scenes of one config.py share a board: a `Setting`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tools.chip.scenes.api import LOCKED, PLAIN
from tools.chip.scenes.faults import BAD_CONFIG, CRASHES, OWNER, SAFE
from tools.chip.scenes.network import JOINED, PORTAL, QUIET, WATCHED
from tools.chip.scenes.stage import Row, Setting, Stage

SETTINGS = (PLAIN, LOCKED, JOINED, WATCHED, PORTAL, QUIET, OWNER, CRASHES, SAFE, BAD_CONFIG)


def play(setting: Setting) -> Iterator[Row]:
    """The rows of a setting, each as soon as it is measured."""
    with Stage(setting) as stage:
        yield from stage.started()
        for scene in setting.scenes:
            yield stage.measure(scene)
