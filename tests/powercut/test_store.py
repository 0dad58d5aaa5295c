"""The power fails at each write and erase of eight saves in a row: old or new, never neither."""

import pytest

from tests.support.boards import Board

# Each life tells what it finds and saves the next numbers in its place, one after the other.
_COUNTER = b"""
from picopin import cold
store = cold("store")
kept = int(store.load("/pins.saved") or 0)
print("found", kept)
for number in range(kept + 1, kept + 9):
    store.save("/pins.saved", b"%d" % number)
    print("saved", number)
"""
_MOST = 200  # writes and erases of eight saves: three each, and more where a block is full


def live_through_cut(board: Board, cut_at: int, torn: bool) -> bool:
    """A life whose power fails at a write, and one more; False where it made fewer of them."""
    cuts, life = len(board.entries(event="power cut")), board.life + 1
    board.control(power_cut={"at": cut_at, "torn": torn})
    board.control(reset="software")
    board.wait(lambda: any(each["life"] >= life for each in board.entries(event="idle")), "rest")
    board.control(power_cut=None)
    return len(board.entries(event="power cut")) > cuts


@pytest.mark.parametrize("torn", [False, True], ids=["whole blocks", "torn blocks"])
def test_old_or_new_but_never_neither(built: None, torn: bool) -> None:
    files = {"boot.py": b"", "main.py": _COUNTER}
    with Board(files=files, serves=False) as board:
        board.wait_entry(event="idle")
        cut_at = 1
        while live_through_cut(board, cut_at, torn) and cut_at < _MOST:
            cut_at += 1
        assert 20 < cut_at < _MOST
        assert board.control(flash=None)["flash"]["erases"], "no block was ever full"
        board.finish()  # the console may be behind the trace
        assert_no_number_lost(board)


def assert_no_number_lost(board: Board) -> None:
    """Each life finds what the one before saved last, or what it was saving."""
    saved = 0
    lives = 0
    for line in board.lines:
        word, _, number = line.partition(" ")
        if word == "found":
            assert int(number) in (saved, saved + 1)
            lives += 1
        if word in ("found", "saved"):
            saved = int(number)
    assert lives == board.life
