"""Many connections that bring nothing, or only a part: the sixth and all others still get in."""

import contextlib
import selectors
import time
from functools import partial
from typing import Any

import pytest

from tests.attack.siege import (
    BROWSER,
    CURL,
    PUT,
    QUICK,
    Crowd,
    State,
    counted,
    deaf,
    firmware,
    heard,
    held,
    reset,
)
from tests.support.boards import Board
from tools.board.tcp import CLOSE_TIMEOUT

PLACES = 5  # connections that the chip has, MEMP_NUM_TCP_PCB

PARTS = {
    "nothing": b"",
    "half a request line": b"GET /?pin=2&sta",
    "half the headers": BROWSER[:200],
    "all but the blank line": BROWSER[:-2],
    "half a body": PUT[:-5],
    "the wrong beginning": b"\x16\x03\x01",
}


def longest_wait(crowd: int, deadlines: dict[str, int]) -> float:
    """Seconds until a client behind `crowd` others has its answer.

    Each round of the chip's places lets go after GRACE_MS, one a sweep.
    """
    rounds = crowd // PLACES + 1
    per_round = deadlines["GRACE_MS"] + (PLACES + 1) * deadlines["SWEEP_MS"]
    return rounds * per_round / 1000 + 2.0


@pytest.mark.parametrize("crowd", [5, 10, 20, 50])
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_half_open_connections(board: Board, crowd: int, part: bytes) -> None:
    with Crowd(board.client, crowd, part):
        start = time.monotonic()
        assert board.client.send(CURL).status == 200
        assert time.monotonic() - start < longest_wait(crowd, QUICK)


def test_half_open_connections_at_the_real_deadlines(built: None) -> None:
    """Five that keep the server waiting: the longest is let go after one second."""
    real = {"GRACE_MS": 1000, "SWEEP_MS": 200}
    with Board(files=firmware()) as board:
        start = time.monotonic()
        with Crowd(board.client, PLACES, BROWSER[:200]):
            assert board.client.send(CURL).status == 200
            assert 1.0 <= time.monotonic() - start < longest_wait(PLACES, real)


def test_half_open_connections_that_never_close(built: None) -> None:
    """The chip keeps a place for ten seconds after it has closed, unless the client closes too."""
    with Board(files=firmware(QUICK)) as board, held(board.client, PLACES, b""):
        start = time.monotonic()
        assert board.client.send(CURL).status == 200
        assert time.monotonic() - start < CLOSE_TIMEOUT + longest_wait(PLACES, QUICK)


def test_who_kept_waiting_longest_goes_first(board: Board) -> None:
    """With a 408 where its request had begun; the others keep their places."""
    client = board.client
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(client.connect())
        first.sendall(BROWSER[:100])
        board.wait(lambda: board.counters()["open"] == 2, "the first to be accepted")
        later = stack.enter_context(held(client, PLACES - 2, BROWSER[:100]))
        last = stack.enter_context(client.connect())
        assert first.recv(4096).startswith(b"HTTP/1.1 408 ")
        for connection in later:
            connection.sendall(BROWSER[100:])
        answers = [connection.recv(4096) for connection in later]
        last.sendall(CURL)
        answers.append(last.recv(4096))
        assert [answer[:13] for answer in answers] == [b"HTTP/1.1 200 "] * (PLACES - 1)


def test_a_silent_one_is_let_go_silently(board: Board) -> None:
    with Crowd(board.client, PLACES, b"") as crowd:
        assert board.client.send(CURL).status == 200
        assert crowd.heard[0] == b""


def test_time_outs_are_counted(board: Board) -> None:
    before = State.of(board)
    with held(board.client, 3, BROWSER[:100]) as connections:
        for connection in connections:
            assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")
    counted(before, State.of(board), timed_out=3)


def test_a_thousand_rapid_connections(board: Board) -> None:
    """Opened and closed at once, every other one by a reset."""
    for number in range(1000):
        connection = board.client.connect()
        if number % 2:
            connection.close()
        else:
            reset(connection)


def test_five_browsers_at_once(board: Board) -> None:
    """All places taken by requests that do come: nobody is let go."""
    with held(board.client, PLACES, BROWSER[:300]) as connections:
        for connection in connections:
            connection.sendall(BROWSER[300:])
        answers = [connection.recv(4096)[:13] for connection in connections]
    assert answers == [b"HTTP/1.1 200 "] * PLACES


def test_long_answers_come_in_the_order_of_their_asking(board: Board) -> None:
    """Behind a reader that never reads: the first of those who wait is the first to be served."""
    page, pins = (CURL.replace(b"?pin=2", path) for path in (b"", b"pins"))
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            stack.enter_context(deaf(board.client, page))
            waiting: list[Any] = []
            for _ in range(3):
                connection = stack.enter_context(board.client.connect())
                connection.sendall(pins)
                waiting.append(connection)
                board.wait(partial(asked, board, len(waiting)), "the list to be asked for")
            order: list[int] = []
            with selectors.DefaultSelector() as selector:
                for number, connection in enumerate(waiting):
                    selector.register(connection, selectors.EVENT_READ, number)
                while len(order) < len(waiting):
                    for key, _ in selector.select(10):
                        selector.unregister(key.fileobj)
                        assert heard(waiting[key.data]).startswith(b"HTTP/1.1 200 ")
                        order.append(key.data)
            assert order == [0, 1, 2]


def asked(board: Board, count: int) -> bool:
    """Whether so many of the last connections have been read whole."""
    last = board.control(net=None)["net"]["connections"][-count:]
    return all(each["request"] == "GET /pins HTTP/1.1" for each in last)
