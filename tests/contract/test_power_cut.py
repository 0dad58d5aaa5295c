"""The power fails at each single write and erase of a save: the old state or the new, never none."""

from itertools import pairwise

import pytest

from tests.support.boards import Board

# Each life tells what it finds and saves the next number in its place.
_COUNTER = b"""
from picopin import cold
store = cold.use("store")
kept = store.load("/pins.saved")
print("found", int(kept or 0))
store.save("/pins.saved", b"%d" % (int(kept or 0) + 1))
print("saved")
"""
_MOST = 60  # writes and erases of one save; it takes about ten


def found(board: Board) -> list[int]:
    return [int(line.split()[1]) for line in board.lines if line.startswith("found ")]


def run_life(board: Board, cut_at: int, torn: bool) -> bool:
    """A life whose power fails at a write, and the one after it; False where the save was over."""
    cuts, lives = len(board.entries(event="power cut")), board.life
    board.control(power_cut={"at": cut_at, "torn": torn})
    board.control(reset="software")
    board.wait(lambda: board.life > lives, "the next life")
    board.wait(
        lambda: any(each["life"] >= lives + 1 for each in board.entries(event="idle")), "rest"
    )
    board.control(power_cut=None)
    return len(board.entries(event="power cut")) > cuts


@pytest.mark.parametrize("torn", [False, True], ids=["whole blocks", "torn blocks"])
def test_old_or_new_but_never_neither(built: None, torn: bool) -> None:
    files = {"boot.py": b"", "main.py": _COUNTER}
    with Board(files=files, serves=False) as board:
        board.wait_entry(event="idle")
        cut_at = 1
        while run_life(board, cut_at, torn):
            cut_at += 1
            assert cut_at < _MOST
        seen = found(board)
        assert cut_at > 3, "hardly a save"
        assert len(board.entries(event="power cut")) == cut_at - 1
        assert len(seen) == board.life
        steps = [after - before for before, after in pairwise(seen)]
        assert set(steps) <= {0, 1}
        assert steps.count(0) < cut_at
