"""Faults of ours, and of the chip: handlers that fail, memory that lacks, a listener that dies."""

from collections.abc import Iterator

import pytest

from tests.attack.siege import CURL, QUICK, State, assert_at_rest, counted, firmware
from tests.support.boards import Board

# Each breaks something once: the next time it works again, as it does on a chip under load.
_FAULTS = """
import asyncio
import asyncio.stream

_Stream = asyncio.stream.Stream
_start_server = asyncio.start_server

def handler_without_memory(req, resp):
    bytearray(1 << 24)

async def later_without_memory(req, resp):
    await asyncio.sleep_ms(1)
    bytearray(1 << 24)

def accept_without_memory(req, resp):
    def once(*args):
        asyncio.stream.Stream = _Stream
        raise MemoryError
    asyncio.stream.Stream = once
    return {"armed": True}

def listen_refused(req, resp):
    import picopin.web
    left = [3]
    def refuse(*args):
        left[0] -= 1
        if left[0] == 0:
            picopin.web.asyncio.start_server = _start_server
        raise OSError(12)
    picopin.web.asyncio.start_server = refuse
    return accept_without_memory(req, resp)

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


@pytest.mark.parametrize("path", ["/test/accept", "/test/close"])
def test_a_listener_that_dies(faulty: Board, path: str) -> None:
    """asyncio's accept loop is not guarded: one MemoryError in it ends the listener for good."""
    before = State.of(faulty)
    assert faulty.client.get(path).status == 200
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
