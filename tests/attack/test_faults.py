"""Faults of ours, and of the chip: handlers that fail, memory that lacks, a listener that dies."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.attack.siege import (
    CURL,
    QUICK,
    State,
    assert_at_rest,
    counted,
    firmware,
    warm_up,
)
from tests.support.boards import Board

# Each breaks something once: the next time it works again, as it does on a chip under load.
_FAULTS = """
import asyncio
import picopin.web

import usocket

_Request = picopin.web.Request
_socket = usocket.socket

def handler_without_memory(req, resp):
    bytearray(1 << 24)

async def later_without_memory(req, resp):
    await asyncio.sleep_ms(1)
    bytearray(1 << 24)

def accept_without_memory(req, resp):
    def once(*args):
        picopin.web.Request = _Request
        raise MemoryError
    picopin.web.Request = once
    return {"armed": True}

def listen_refused(req, resp):
    left = [3]
    def refuse(*args):
        left[0] -= 1
        if left[0] == 0:
            usocket.socket = _socket
        raise OSError(12)
    usocket.socket = refuse
    return closes_the_listener(req, resp)

def answers_nothing(req, resp):
    pass

def closes_the_listener(req, resp):
    app.listener.close()
    return {"closed": True}

for path, handler in (
    ("/test/memory", handler_without_memory),
    ("/test/memory/later", later_without_memory),
    ("/test/accept", accept_without_memory),
    ("/test/listen", listen_refused),
    ("/test/nothing", answers_nothing),
    ("/test/close", closes_the_listener),
):
    app.add_url_rule(path, handler)
"""


@pytest.fixture(scope="module")
def faulty(built: None) -> Iterator[Board]:
    with Board(files=firmware(QUICK, _FAULTS)) as board:
        warm_up(board)
        yield board


@pytest.mark.parametrize("path", ["/test/memory", "/test/memory/later"])
def test_a_handler_without_memory(faulty: Board, path: str) -> None:
    """503 with Retry-After, counted; the next request is answered."""
    before = State.of(faulty)
    answer = faulty.client.get(path)
    assert (answer.status, answer.error["code"]) == (503, "no_memory")
    assert answer.header("Retry-After")
    counted(before, State.of(faulty), no_memory=1)
    assert_at_rest(faulty, before)


def test_a_handler_that_answers_nothing(faulty: Board) -> None:
    """That is a fault of ours, not a hanging client."""
    before = State.of(faulty)
    assert faulty.client.get("/test/nothing").status == 500
    counted(before, State.of(faulty), faults=1)


def test_accepting_without_memory(faulty: Board) -> None:
    """The client is told, and the next one let in: asyncio's own loop would end here for good."""
    before = State.of(faulty)
    assert faulty.client.get("/test/accept").status == 200
    with contextlib.suppress(ConnectionResetError):  # where its request came after the answer
        assert faulty.client.send(CURL).status == 503
    after = State.of(faulty)
    counted(before, after, no_memory=1)
    assert after.requests["relistened"] == before.requests["relistened"]
    assert_at_rest(faulty, after)


def test_a_listener_that_dies(faulty: Board) -> None:
    before = State.of(faulty)
    assert faulty.client.get("/test/close").status == 200
    faulty.wait(lambda: serves(faulty), "a listener")
    assert faulty.life == 1, "repaired by a restart"
    after = State.of(faulty)
    assert after.requests["relistened"] == before.requests["relistened"] + 1
    assert_at_rest(faulty, after)


def test_a_listener_that_cannot_be_had_at_once(faulty: Board) -> None:
    """It is tried again and again, until there is one."""
    before = State.of(faulty)
    assert faulty.client.get("/test/listen").status == 200
    faulty.wait(lambda: serves(faulty), "a listener")
    after = State.of(faulty)
    assert after.requests["relistened"] > before.requests["relistened"]
    assert_at_rest(faulty, after)


def serves(board: Board) -> bool:
    """One try; the first one meets the fault that was armed, and gets nothing."""
    try:
        with board.client.connect() as connection:
            connection.settimeout(0.3)
            connection.sendall(CURL)
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False
