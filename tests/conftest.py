"""What every suite shares: the choice of a board, and images that are up to date."""

from collections.abc import Iterator

import pytest

from tests.support.boards import Board, RealBoard, build
from tests.support.http import Client


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--url", help="run the contract's tests against this board: http://address")
    parser.addoption("--password", help="config.PASSWORD of the board at --url")


@pytest.fixture(scope="session")
def board_url(request: pytest.FixtureRequest) -> str | None:
    return request.config.getoption("--url")


@pytest.fixture(scope="session")
def built(board_url: str | None) -> None:
    """The images hold the sources as they are now: for tests that start a virtual board."""
    if board_url:
        pytest.skip("needs a board that can be reset, with a config.py of the test's own")
    build()


@pytest.fixture(scope="session")
def shipped(request: pytest.FixtureRequest, board_url: str | None) -> Iterator[Board | RealBoard]:
    """A board with config.py as it is in the repository, for tests that leave no pin changed."""
    if board_url:
        password = request.config.getoption("--password")
        headers = {"Authorization": f"Bearer {password}"} if password else {}
        yield RealBoard(Client(board_url, headers))
        return
    request.getfixturevalue("built")
    with Board() as board:
        yield board
