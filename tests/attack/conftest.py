"""The board under attack: the whole firmware with quick deadlines, at rest before and after."""

from collections.abc import Iterator

import pytest

from tests.attack.siege import QUICK, State, assert_at_rest, firmware, warm_up
from tests.support.boards import Board

# The probes are there as well, and of four readers that never read each has a kilobyte to itself.
HEAP = "76k"


@pytest.fixture(scope="session")
def fortress(built: None) -> Iterator[Board]:
    """One board for all attacks: each meets it as the ones before have left it."""
    with Board(files=firmware(QUICK), heap=HEAP) as board:
        warm_up(board)
        yield board


@pytest.fixture
def board(fortress: Board) -> Iterator[Board]:
    """The board, which must be at rest again when the test is over."""
    before = State.of(fortress)
    yield fortress
    assert_at_rest(fortress, before)
