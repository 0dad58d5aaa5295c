"""The power fails at every write and erase while networks are saved: old or new, never neither."""

import ast
import re

import pytest

from tests.powercut.test_store import live_through_cut
from tests.support.boards import Board

# Each life tells what it finds, then saves a network, proves it and forgets the one before, as
# far as it comes.
_KEEPER = b"""
from picopin import cold
saved = cold("saved")
entries = saved.load()
print("found", entries)
for _ in range(9):
    number = int(entries[0][0][4:]) if entries else 0
    if len(entries) < 2:
        saved.add("net %d" % (number + 1), "password %d" % (number + 1))
    elif not entries[0][2]:
        saved.prove(*entries[0][:2])
    else:
        saved.forget(entries[1][0])
    entries = saved.load()
    print("saved", entries)
"""
_SAVES = 9
_MOST = 200  # writes and erases of nine saves

Entries = list[tuple[str, str, bool]]


def after(entries: Entries) -> Entries:
    """What the next save makes of them."""
    if len(entries) == 2:
        newest, older = entries
        return [newest] if newest[2] else [(*newest[:2], True), older]
    number = int(entries[0][0][4:]) + 1 if entries else 1
    return [(f"net {number}", f"password {number}", False), *entries]


def told(board: Board) -> list[tuple[str, Entries]]:
    """Every "found" and "saved" line, in order, but for those that the cut itself tore."""
    lines = re.findall(r"^(found|saved) (\[.*\])$", "\n".join(board.lines), re.MULTILINE)
    return [(word, ast.literal_eval(entries)) for word, entries in lines]


def steps_between(kept: Entries, found: Entries) -> int:
    """How many saves lead from one list to the other; fails where none do."""
    reached = kept
    for steps in range(_SAVES + 1):
        if reached == found:
            return steps
        reached = after(reached)
    pytest.fail(f"{found} is neither {kept} nor what was saved after it")


@pytest.mark.parametrize("torn", [False, True], ids=["whole blocks", "torn blocks"])
def test_no_network_is_lost(built: None, torn: bool) -> None:
    """Each life finds the list that was saved last, or the one that was being saved."""
    files = {"boot.py": b"", "main.py": _KEEPER}
    with Board(files=files, serves=False) as board:
        board.wait_entry(event="idle")
        cut_at = 1
        while live_through_cut(board, cut_at, torn) and cut_at < _MOST:
            cut_at += 1
        assert 20 < cut_at < _MOST
        assert board.control(flash=None)["flash"]["erases"], "no block was ever full"
        lines = told(board)
    kept: Entries = []
    old = 0
    for word, entries in lines:
        steps = steps_between(kept, entries)
        old += word == "found" and steps == 0
        kept = entries
    lives = sum(word == "found" for word, _ in lines)
    print(f"\n{cut_at - 1} power cuts: {lives} starts, {old} of them with the old list, none empty")
    assert old > 10
