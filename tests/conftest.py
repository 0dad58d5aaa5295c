"""What every suite shares: the choice of a board, and images that are up to date."""

from collections.abc import Iterator

import pytest

from tests.support.boards import Board, RealBoard, build
from tests.support.http import Client


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--url", help="run the contract's tests against this board: http://address")


@pytest.fixture(scope="session")
def built() -> None:
    """The images hold the sources as they are now."""
    build()


@pytest.fixture(scope="session")
def board_url(request: pytest.FixtureRequest) -> str | None:
    return request.config.getoption("--url")


@pytest.fixture(scope="session")
def shipped(built: None, board_url: str | None) -> Iterator[Board | RealBoard]:
    """A board with config.py as it is in the repository, for tests that leave no pin changed."""
    if board_url:
        yield RealBoard(Client(board_url))
        return
    with Board() as board:
        yield board
