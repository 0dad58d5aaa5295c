"""Thousands of requests, good and hostile, on the chip's own processor and heap: nothing is lost.

`make soak` sends 50,000; `make test` a short run of the same.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.attack.oracle import meaning
from tests.attack.siege import (
    BROWSER,
    CURL,
    PUT,
    QUICK,
    exchange,
    outcome,
    patience,
    reset,
)
from tests.support.boards import Board, chip_or_skip
from tests.support.firmware import firmware_with

# One request in so many may be told that there is no memory just now; a board on which it was short
# for good would say so to most.
TURNED_AWAY = 1000
# Bytes that free heap may be lower, after a collection at rest, at the end than after the first
# thousand: room for a longer log line in the ring, for a number that has become a long one.
LOST_AT_MOST = 256
FIRST = 1000
LONG, SHORT = 50_000, 3_000
PATIENCE = 1800.0  # seconds that the long one may take
SHORT_PATIENCE = 100.0

Attack = Callable[[Board, random.Random], None]

ON = CURL.replace(b"pin=2", b"pin=4&state=on")
OFF = CURL.replace(b"pin=2", b"pin=4&state=off")


def good(board: Board, dice: random.Random) -> None:
    answer = outcome(board.client, dice.choice([CURL, BROWSER, PUT, ON, OFF]))
    assert answer and answer.status in (200, 503)


def page(board: Board, dice: random.Random) -> None:
    path = dice.choice([b"/pins", b"/status", b"/log", b"/pins/4"])
    answer = outcome(board.client, CURL.replace(b"/?pin=2", path))
    assert answer and answer.status in (200, 503)


def refused(board: Board, dice: random.Random) -> None:
    query = dice.choice([b"pin=99", b"pin=%zz", b"pin=6", b"colour=red", b"pin=2&pin=5", b"pin"])
    answer = outcome(board.client, CURL.replace(b"pin=2", query))
    assert answer and (400 <= answer.status < 500 or answer.status == 503)


def cut_short(board: Board, dice: random.Random) -> None:
    request = dice.choice([CURL, BROWSER, PUT])
    exchange(board.client, request[: dice.randrange(len(request))], end=True)


def resets(board: Board, dice: random.Random) -> None:
    request = dice.choice([CURL, BROWSER, PUT])
    connection = board.client.connect()
    connection.sendall(request[: dice.randrange(len(request) + 1)])
    reset(connection)


def noise(board: Board, dice: random.Random) -> None:
    exchange(board.client, dice.randbytes(dice.randrange(1, 600)), end=True)


def damaged(board: Board, dice: random.Random) -> None:
    request = bytearray(dice.choice([CURL, BROWSER, PUT]))
    request[dice.randrange(len(request))] = dice.randrange(256)
    answer = outcome(board.client, bytes(request), end=True)
    assert answer or meaning(bytes(request)) is None


def oversized(board: Board, dice: random.Random) -> None:
    long = b"x" * dice.choice([600, 5000, 50_000])
    line = dice.choice([b"GET /%s HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n"])
    answer = outcome(board.client, line % long)
    assert answer and answer.status in (414, 431, 503)


# How often each comes, of a hundred.
MIX: dict[Attack, int] = {
    good: 55,
    page: 10,
    refused: 10,
    cut_short: 7,
    resets: 7,
    noise: 4,
    damaged: 5,
    oversized: 2,
}


def status(board: Board) -> dict[str, Any]:
    """/status, as soon as there is memory for it."""

    def look() -> dict[str, Any]:
        answer = board.client.get("/status")
        return answer.json if answer.status == 200 else {}

    return board.wait(look, "/status")


def free(board: Board) -> int:
    """Bytes free after a collection."""
    return status(board)["heap"]["free"]


def siege(board: Board, number: int, seconds: float) -> dict[str, int]:
    """Send so many requests; returns the figures that the test's report shows."""
    dice = random.Random(7)
    attacks = dice.choices(list(MIX), list(MIX.values()), k=number)
    end = time.monotonic() + seconds
    start = at_first = free(board)
    for at, attack in enumerate(attacks, 1):
        attack(board, dice)
        if at == FIRST:
            at_first = free(board)
        assert time.monotonic() < end, f"only {at} requests in {seconds} s"
    board.wait(lambda: free(board) >= at_first - LOST_AT_MOST, "the heap of the first thousand")
    names = Counter(attack.__name__ for attack in attacks)
    return {"start": start, "after 1,000": at_first, "end": free(board), **names}


def assert_survives(number: int, seconds: float, record: Callable[[str, object], None]) -> None:
    chip_or_skip()
    with Board(files=firmware_with(patience(QUICK)), cpu="lx106") as board:
        figures = siege(board, number, seconds)
        counters = status(board)["requests"]
    print(f"soak: {number} requests; free heap {figures}; {counters}")
    record("figures", figures)
    assert counters["no_memory"] <= number // TURNED_AWAY
    assert counters["faults"] == 0
    assert counters["relistened"] == 0
    assert counters["open"] == 1


@pytest.mark.timeout(SHORT_PATIENCE * 2)
def test_short(built: None, record_property: Callable[[str, object], None]) -> None:
    assert_survives(SHORT, SHORT_PATIENCE, record_property)


@pytest.mark.soak
@pytest.mark.timeout(PATIENCE * 2)
def test_long(built: None, record_property: Callable[[str, object], None]) -> None:
    assert_survives(LONG, PATIENCE, record_property)
