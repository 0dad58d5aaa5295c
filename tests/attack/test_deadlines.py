"""Each deadline of picopin.web.Server at its real value; a byte a second; one that never reads.

GRACE_MS at its real value is in test_crowds.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.attack.siege import (
    BROWSER,
    CURL,
    PUT,
    QUICK,
    State,
    assert_at_rest,
    connections,
    counted,
    deaf,
    firmware,
    heard,
)
from tests.support.boards import Board

SLACK = 0.5  # seconds beyond deadline and sweep that a loaded machine may take
SWEEP = 0.2  # Server.SWEEP_MS as shipped


@pytest.fixture(scope="module")
def real(built: None) -> Iterator[Board]:
    """A board with the deadlines as shipped."""
    with Board(files=firmware()) as board:
        yield board


@contextlib.contextmanager
def within(least: float, most: float) -> Iterator[None]:
    """The block takes so many seconds; connect within it, for the board counts from there."""
    start = time.monotonic()
    yield
    assert least <= time.monotonic() - start <= most


class Dripping(threading.Thread):
    """Sends one byte at a time, until it cannot."""

    def __init__(self, connection: socket.socket, data: bytes, pause: float) -> None:
        super().__init__()
        self._connection, self._data, self._pause = connection, data, pause
        self.over = threading.Event()

    def run(self) -> None:
        for at in range(len(self._data)):
            try:
                self._connection.sendall(self._data[at : at + 1])
            except OSError:
                return
            if self.over.wait(self._pause):
                return


def assert_too_slow(connection: socket.socket) -> None:
    assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_request_ms(real: Board) -> None:
    """5 s for the whole request, wherever it stops; silence is let go silently."""
    before = State.of(real)
    with contextlib.ExitStack() as stack, within(5.0, 5.0 + SWEEP + SLACK):
        waiting = []
        for sent in (b"", b"G", BROWSER[:300], PUT[:-1]):
            connection = stack.enter_context(real.client.connect())
            connection.sendall(sent)
            waiting.append(connection)
        silent, *others = waiting
        for connection in others:
            assert_too_slow(connection)
        assert heard(silent) == b""
    counted(before, State.of(real), timed_out=4)


def test_answer_ms(real: Board) -> None:
    """10 s for the answer, to one that never reads."""
    before = State.of(real)
    with within(10.0, 12.0), deaf(real.client, b"GET /test/long HTTP/1.0\r\n\r\n"):
        real.wait(lambda: connections(real) == 1, "the reader to be served")
        real.wait(lambda: real.counters()["timed_out"] > before.requests["timed_out"], "10")
    assert_at_rest(real, before)


def test_linger_ms(real: Board) -> None:
    """2 s for what a refused client is still sending, then its place is free."""
    before = State.of(real)
    with real.client.connect() as connection, within(2.0, 2.0 + 2 * SWEEP + SLACK):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999\r\n\r\nx")
        assert heard(connection).startswith(b"HTTP/1.1 413 ")
    assert_at_rest(real, before)


def test_a_byte_a_second(real: Board) -> None:
    """The deadline is for the whole request: bytes that come do not stretch it."""
    with within(5.0, 5.0 + SWEEP + SLACK), real.client.connect() as connection:
        dripping = Dripping(connection, BROWSER, 1.0)
        dripping.start()
        assert_too_slow(connection)
        dripping.over.set()
        dripping.join()


@pytest.mark.parametrize("request_", [CURL, PUT], ids=["curl", "put"])
def test_bytes_one_by_one_but_in_time(board: Board, request_: bytes) -> None:
    with board.client.connect() as connection:
        dripping = Dripping(connection, request_, 0.001)
        dripping.start()
        assert heard(connection).startswith(b"HTTP/1.1 200 ")
        dripping.join()


@pytest.mark.parametrize("readers", [1, 4])
def test_readers_that_never_read(board: Board, readers: int) -> None:
    """Their places are free after ANSWER_MS; a good client is not kept longer."""
    before = State.of(board)
    with contextlib.ExitStack() as stack:
        for _ in range(readers):
            stack.enter_context(deaf(board.client, b"GET /test/long HTTP/1.0\r\n\r\n"))
        assert board.client.send(CURL).status == 200
        board.wait(lambda: board.counters()["open"] == 1, "the deaf to be given up")
    counted(before, State.of(board), timed_out=readers)


def test_a_slow_reader_gets_all_in_time(board: Board) -> None:
    """Slower than the board, faster than the deadline: not one byte is missing."""
    with deaf(board.client, b"GET /test/long HTTP/1.0\r\n\r\n") as connection:
        with within(0, QUICK["ANSWER_MS"] / 1000 + SLACK):
            _, _, body = heard(connection).partition(b"\r\n\r\n")
        assert body == b"0123456789" * 50 * 200


@pytest.mark.parametrize("more", [1, 500])
def test_one_that_goes_on_sending(board: Board, more: int) -> None:
    """A refused client that never ends: its place is free after LINGER_MS."""
    with board.client.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\n")
        dripping = Dripping(connection, b"x" * 100000, 0.001 * more)
        dripping.start()
        assert heard(connection).startswith(b"HTTP/1.1 413 ")
        dripping.over.set()
        dripping.join()
