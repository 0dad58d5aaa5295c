"""Clients that leave: at every byte of a request, and by a reset at every stage of an exchange."""

import contextlib
import socket
from collections.abc import Callable

import pytest

from tests.attack.siege import BROWSER, CURL, PUT, State, connections, counted, heard, reset
from tests.support.boards import Board

ON = b"GET /?pin=2&state=on HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FORM = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 14\r\n\r\npin=2&state=on"
)
UNKNOWN = b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"  # what makes stock picoweb loop
WHOLE = {"curl": ON, "form": FORM, "put": PUT, "unknown URL": UNKNOWN, "browser": BROWSER}
REFUSED = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 600\r\n\r\nsome"

Leave = Callable[[socket.socket], None]


def close(connection: socket.socket) -> None:
    connection.close()


@pytest.mark.parametrize("leave", [close, reset])
@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_at_every_byte(board: Board, request_: bytes, leave: Leave) -> None:
    """Nothing moves while a byte is missing."""
    with board.unmoved():
        for length in range(len(request_)):
            connection = board.client.connect()
            connection.sendall(request_[:length])
            leave(connection)
        board.wait(lambda: connections(board) == 0, "all to be gone")


@pytest.mark.parametrize("request_", [ON, FORM, UNKNOWN], ids=["curl", "form", "unknown URL"])
def test_half_closed_at_every_byte(board: Board, request_: bytes) -> None:
    """One that ends its request too early, but still listens, is told so: RFC 9112, section 8."""
    with board.unmoved():
        for length in range(1, len(request_)):
            with board.client.connect() as connection:
                connection.sendall(request_[:length])
                connection.shutdown(socket.SHUT_WR)
                assert heard(connection).startswith(b"HTTP/1.1 400 "), request_[:length]


def test_half_closed_before_anything(board: Board) -> None:
    with board.client.connect() as connection:
        connection.shutdown(socket.SHUT_WR)
        assert heard(connection) == b""


def test_half_closed_after_the_request(board: Board) -> None:
    """The whole request has come: it is answered (nc, and HTTP/1.0 clients, do that)."""
    with board.client.connect() as connection:
        connection.sendall(CURL)
        connection.shutdown(socket.SHUT_WR)
        assert heard(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("taken", [0, 1, 100, 4000])
def test_reset_while_the_answer_comes(board: Board, taken: int) -> None:
    connection = board.client.connect()
    connection.sendall(b"GET /test/long HTTP/1.0\r\n\r\n")
    if taken:
        assert connection.recv(taken)
    reset(connection)


def test_reset_right_after_the_request(board: Board) -> None:
    for _ in range(50):
        connection = board.client.connect()
        connection.sendall(CURL)
        reset(connection)


def test_reset_while_a_refused_request_is_read_out(board: Board) -> None:
    before = State.of(board)
    connection = board.client.connect()
    connection.sendall(REFUSED)
    assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")
    reset(connection)
    counted(before, State.of(board), refused=1)


def test_resets_among_good_ones(board: Board) -> None:
    """Each good request is answered although others around it are reset."""
    for length in range(0, len(BROWSER), 25):
        with contextlib.ExitStack() as undo:
            bad = [board.client.connect() for _ in range(3)]
            for connection in bad:
                undo.callback(connection.close)
                connection.sendall(BROWSER[:length])
            with board.client.connect() as good:
                good.sendall(CURL)
                for connection in bad:
                    reset(connection)
                assert heard(good).startswith(b"HTTP/1.1 200 ")
