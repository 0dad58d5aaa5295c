"""What the firmware does from power-on to a crash, as scenes on the chip's own processor.

Scenes of one config.py share a board: a `Setting`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tools.chip.scenes.api import CROWD, LOCKED, PLAIN
from tools.chip.scenes.faults import BAD_CONFIG, CRASHES, OWNER, SAFE
from tools.chip.scenes.network import JOINED, PORTAL, QUIET, WATCHED
from tools.chip.scenes.stage import Row, Setting, Stage

SETTINGS = (PLAIN, CROWD, LOCKED, JOINED, WATCHED, PORTAL, QUIET, OWNER, CRASHES, SAFE, BAD_CONFIG)

_PATIENT = 2  # scenes of a setting that may find no end, each for fifteen seconds and more


def play(setting: Setting) -> Iterator[Row]:
    """The rows of a setting, each as soon as it is measured."""
    with Stage(setting) as stage:
        yield from stage.started()
        late = 0
        for scene in setting.scenes:
            if late == _PATIENT:
                yield Row(scene.name, 0, None, None, [], "not played: the board does not answer")
                continue
            row = stage.measure(scene)
            late += row.trouble.startswith("TimeoutError")
            yield row
