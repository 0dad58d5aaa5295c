"""The power fails at every write and erase while outputs with boot="last" are saved.

Two outputs are always each other's opposite, so that the old state, the new one and neither can be
told apart: neither is both off, which is what a board finds that has lost its file.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.boards import BUILT, Board
from tools import images
from tools.board.process import BLOCKS

# After the real boot.py: says what it found, and saves the opposite as the firmware does,
# but without waiting until the pins have rested.
_SAVE_THE_OPPOSITE = b"""
from utime import ticks_add, ticks_ms
from picopin import gpio, last

a, b = gpio.pins
was = a.is_on(), b.is_on()
print("found", *was)
a.switch(not was[0])
b.switch(was[0])
gpio.changed_at = ticks_add(ticks_ms(), -10000)
last.save()
print("saved", was[1], was[0])
"""
_CONFIG = b"""
AP_PASSWORD = "for-tests-only"
PINS = [
    {"pin": 4, "mode": "out", "name": "a", "boot": "last"},
    {"pin": 5, "mode": "out", "name": "b", "boot": "last"},
]
"""
_MOST_SAVES = 40  # LittleFS moves a full block on every 17 saves or so

State = tuple[str, ...]


@dataclass
class Start:
    """A flash from which one save goes in so many `steps`, writes and erases."""

    image: Path
    steps: int


def said(board: Board, word: str) -> list[State]:
    """What each life printed after `word`: both outputs, "True" for on."""
    return [tuple(line.split()[1:]) for line in board.lines if line.startswith(word + " ")]


@pytest.fixture(scope="module")
def starts(built: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Start]:
    """A plain save, and one for which LittleFS erases a block and moves the directory there."""
    folder = tmp_path_factory.mktemp("powercut")
    flash, before = folder / "flash.img", folder / "before.img"
    boot = (BUILT / "fs/boot.py").read_bytes()
    tree = {"boot.py": boot, "main.py": _SAVE_THE_OPPOSITE, "config.py": _CONFIG}
    flash.write_bytes(images.make_littlefs(tree, BLOCKS))
    found: dict[str, Start] = {}
    with Board(flash=flash, serves=False) as board:
        board.wait_entry(event="idle", life=1)
        for life in range(2, _MOST_SAVES):
            counts = board.control(flash=None)["flash"]
            shutil.copyfile(flash, before)
            board.control(power="cycle")
            board.wait_entry(event="idle", life=life)
            now = board.control(flash=None)["flash"]
            erased = now["erases"] > counts["erases"]
            name = "with an erase" if erased else "plain"
            if name not in found:
                steps = sum(now[kind] - counts[kind] for kind in ("writes", "erases"))
                found[name] = Start(shutil.copyfile(before, folder / f"{life}.img"), steps)
            if len(found) == 2:
                break
    return found


def cut(start: Start, step: int, torn: bool) -> tuple[State, State]:
    """What the life found whose save was cut off, and what the next one found."""
    flash = shutil.copyfile(start.image, start.image.with_name("cut.img"))
    option = f"{step}:torn" if torn else str(step)
    with Board("--power-cut", option, flash=flash, serves=False) as board:
        board.wait_entry(event="power cut")
        board.wait_entry(event="idle", life=2)
        board.finish()  # the trace may be ahead of the console
        assert len(said(board, "saved")) >= 1, board.lines  # of the second life at least
        first, second = said(board, "found")
        return first, second


@pytest.mark.parametrize("torn", [False, True], ids=["whole", "torn"])
@pytest.mark.parametrize("kind", ["plain", "with an erase"])
def test_old_or_new_but_never_neither(starts: dict[str, Start], kind: str, torn: bool) -> None:
    start = starts[kind]
    kept = 0
    for step in range(1, start.steps + 1):
        old, found = cut(start, step, torn)
        new = old[::-1]
        assert old != new
        assert found in (old, new), f"step {step}: {found}"
        kept += found == old
    assert kept > 0
    block = "torn" if torn else "whole"
    print(
        f"\npower cuts, save {kind}, block {block}: {start.steps}; "
        f"found the old state {kept}, the new one {start.steps - kept}, neither 0"
    )
