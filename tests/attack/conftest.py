"""The board under attack: the whole firmware with quick deadlines, at rest before and after."""

from collections.abc import Iterator

import pytest

from tests.attack.siege import QUICK, State, assert_at_rest, firmware
from tests.support.boards import Board


@pytest.fixture(scope="session")
def fortress(built: None) -> Iterator[Board]:
    """One board for all attacks: each meets it as the ones before have left it."""
    with Board(files=firmware(QUICK)) as board:
        for path in ("/?pin=2", "/?pin=99", "/nothing", "/pins", "/log", "/status"):
            board.client.get(path)  # what a first request makes for good is made
        yield board


@pytest.fixture
def board(fortress: Board) -> Iterator[Board]:
    """The board, which must be at rest again when the test is over."""
    before = State.of(fortress)
    yield fortress
    assert_at_rest(fortress, before)
