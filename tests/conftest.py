"""What every suite shares: the choice of a board and a processor, images that are up to date."""

import os
from collections.abc import Iterator

import pytest

from tests.support import boards
from tests.support.boards import Board, RealBoard, build
from tests.support.http import Client
from tools.chip import build as chip

# The folders whose tests run on the chip's own processor too: what the firmware does, seen by HTTP,
# by the radio and by the flash.
ON_THE_CHIP = ("chip", "contract", "memory", "picoweb", "powercut", "wifi")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cpu",
        choices=("pc", "lx106"),
        default="pc",
        help="the processor of the virtual boards: this PC's, or the chip's own under QEMU",
    )
    parser.addoption("--url", help="run the contract's tests against this board: http://address")
    parser.addoption("--password", help="config.PASSWORD of the board at --url")


def pytest_configure(config: pytest.Config) -> None:
    boards.CPU = config.getoption("--cpu")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where the chip's processor cannot be had, its run ends here with one sentence; in continuous
    integration that is a failure."""
    if session.config.getoption("--cpu") == "lx106" and not hasattr(session.config, "workerinput"):
        try:
            chip.get()
        except chip.Unavailable as error:
            failed = os.environ.get("CI") == "true"
            pytest.exit(f"the chip's own processor was not tested: {error}", int(failed))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name in ON_THE_CHIP:
            item.add_marker("chip")


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
