"""The board under attack: the whole firmware with quick deadlines, at rest before and after."""

from collections.abc import Iterator

import pytest

from tests.attack.siege import (
    BROWSER,
    CURL,
    PUT,
    PUT_NOTHING,
    QUICK,
    State,
    assert_at_rest,
    exchange,
    firmware,
)
from tests.support.boards import Board

# The probes are there as well, and of four readers that never read each has a kilobyte to itself.
HEAP = "76k"
# What is loaded at its first use leaves its names in the heap for good: one request for each kind.
_FIRST_TIMES = (
    *(
        CURL,
        BROWSER,
        PUT,
        PUT_NOTHING,
        PUT[:-1],
        b"\x16\x03\x01",
        b"G" * 600,
        b"G T / HTTP/1.1\r\n\r\n",
    ),
    *(CURL.replace(b"/?pin=2", path) for path in (b"/pins", b"/log", b"/status", b"/pins/2", b"/")),
    *(
        CURL.replace(b"pin=2", query)
        for query in (b"pin=99", b"p%69n=%zz", b"pin=6", b"x=1", b"pin")
    ),
    CURL.replace(b"GET", b"POST"),
    CURL.replace(b"GET", b"BREW"),
    CURL.replace(b"Accept: */*", b"no colon"),
    CURL.replace(b"Accept: */*", b"Cookie: " + b"c" * 600),
    CURL.replace(b"127.0.0.1", b"example.com"),
    CURL.replace(b"HTTP/1.1", b"HTTP/3.0"),
    PUT.replace(b"Content-Length", b"Expect: 100-continue\r\nContent-Length"),
    PUT.replace(b"Content-Length: 15", b"Transfer-Encoding: chunked"),
    PUT.replace(b"Content-Length: 15", b"Content-Length: 9999"),
)


def warm_up(board: Board) -> None:
    for request in _FIRST_TIMES:
        exchange(board.client, request, end=True)


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
