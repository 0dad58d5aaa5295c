"""The firmware while time.ticks_ms() wraps, seconds after the board serves, and long after."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.boards import Board
from tests.support.firmware import firmware_with
from tools.board.process import ROOT, BoardProcess
from tools.chip.build import Chip

PERIOD = 1 << 30  # milliseconds (extmod/modtime.c)
BEFORE = 5000  # milliseconds from the start to the wrap
LATE = 400  # milliseconds that a busy machine may be late
CHIP = ("--cpu", "lx106", "--heap", "38k")
PINS = [
    {"pin": 5, "mode": "out", "name": "pump"},
    {"pin": 4, "mode": "out", "name": "door", "max_on": 1.3},
    {"pin": 12, "mode": "in", "name": "float"},
]


@pytest.fixture
def board(built: None, chip: Chip) -> Iterator[Board]:
    with Board(*CHIP, "--ticks", str(PERIOD - BEFORE), PINS=PINS) as made:
        yield made


def since(board: Board, event: str) -> int:
    """Milliseconds from an event of this life to the last change of pin 5."""
    return board.changes(5)[-1]["ms"] - board.entries(event=event)[-1]["ms"]


def assert_before_the_wrap(board: Board) -> None:
    """Ticks begin later than the life does, as the trace has it."""
    assert since(board, "boot") < BEFORE, "the machine is too slow to be before the wrap"


def is_behind_the_wrap(board: Board) -> bool:
    """Ticks count for some time when the trace has the entry of the heap."""
    return since(board, "heap") > BEFORE


def switch(board: Board, how: str) -> None:
    assert board.client.get(f"/?pin=5&state={how}").status == 200


def wait_until_wrapped(board: Board) -> None:
    """Switch pin 5 until ticks have wrapped."""
    switch(board, "off")

    def look() -> bool:
        switch(board, "on")
        switch(board, "off")
        return is_behind_the_wrap(board)

    board.wait(look, "the wrap")


def test_a_timed_output_ends_behind_the_wrap(board: Board) -> None:
    """One that goes on before the wrap and off after it, `remaining` counting down."""
    board.client.get("/?pin=5&state=on&for=6")
    assert_before_the_wrap(board)
    left = board.client.get("/?pin=5").json["remaining"]
    assert 5 < left <= 6
    while board.level(5):
        answer = board.client.get("/?pin=5").json
        assert 0 <= answer.get("remaining", 0) <= left
        left = answer.get("remaining", 0)
    on, off = board.changes(5)[-2:]
    assert 6000 - 2 <= off["ms"] - on["ms"] <= 6000 + LATE
    assert is_behind_the_wrap(board)


def timed(board: Board, pin: str, number: int, ask: str) -> int:
    """Milliseconds from on to off of a pin that has been asked to go on for a time."""
    seen = len(board.changes(number))
    assert board.client.get(f"/?pin={pin}&state=on{ask}").status == 200
    board.wait(lambda: len(board.changes(number)) >= seen + 2, "its end")
    on, off = board.changes(number)[seen : seen + 2]
    return off["ms"] - on["ms"]


def test_timed_outputs_one_after_the_other(board: Board) -> None:
    """Of 0.3 s each, from before the wrap to behind it."""
    lasted = [timed(board, "5", 5, "&for=0.3")]
    assert_before_the_wrap(board)
    while not is_behind_the_wrap(board):
        lasted.append(timed(board, "5", 5, "&for=0.3"))
    assert all(300 - 2 <= milliseconds <= 300 + LATE for milliseconds in lasted), lasted


def test_deadlines_and_the_supervisor_go_on(board: Board) -> None:
    """A client that is silent is let go after its five seconds, and the uptime goes on."""
    switch(board, "off")
    assert_before_the_wrap(board)
    address = "127.0.0.1", urlsplit(board.client.url).port or 0
    with socket.create_connection(address, timeout=15) as silent:
        silent.sendall(b"GET / HT")
        wait_until_wrapped(board)
        assert b"408" in silent.recv(1000)
    record = board.wait_connection(status=408)
    assert 5000 - 2 <= record["milliseconds"] <= 5000 + 200 + LATE  # it is looked at every 200 ms
    before = board.client.get("/status").json["uptime"]
    board.wait(lambda: board.client.get("/status").json["uptime"] > before + 1, "two more seconds")
    assert board.life == 1, "the watchdog has not bitten"


def test_sleeping_over_the_wrap(chip: Chip) -> None:
    """asyncio's and time's own sleeps, without the firmware."""
    main = b"""
import uasyncio as asyncio, utime as time
first = time.ticks_ms()
async def sleep():
    await asyncio.sleep_ms(400)
asyncio.run(sleep())
time.sleep_ms(400)
last = time.ticks_ms()
print(first > last, 800 <= time.ticks_diff(last, first) < 2000)
"""
    with BoardProcess(*CHIP, "--ticks", str(PERIOD - 300), files={"main.py": main}) as board:
        assert board.finish()[-1] == "True True"


# What lies longer ago than ticks can tell, 6.2 days.

_RESTED = """
from utime import ticks_ms
from picopin import gpio
gpio.find(b"float").since = ticks_ms() - 7 * 86400000 & (1 << 30) - 1
"""


def test_an_input_that_rested_for_a_week(built: None, chip: Chip) -> None:
    with Board(*CHIP, files=firmware_with(_RESTED), PINS=PINS) as board:
        board.control(set_pin={"pin": 12, "level": 1})
        asked = board.client.get("/?pin=12").json
        assert (asked["state"], asked["edges"]) == ("on", 1)


_SAVE_TWICE = """
from picopin import gpio, last
now = 10000
last.ticks_ms = lambda: now
for state in (True, False):
    gpio.find(b"5").switch(state)
    gpio.changed_at = now - 6000
    last.save()
    print("saved", last.load()[5])
    now += 7 * 86400000
"""


def test_a_state_that_was_saved_a_week_ago(built: None, chip: Chip) -> None:
    pins = [{"pin": 5, "mode": "out", "boot": "last"}]
    with Board(*CHIP, files=firmware_with(_SAVE_TWICE), PINS=pins) as board:
        assert board.wait_line(r"saved (.*)", 2) == ["True", "False"]


def test_the_longest_time_of_a_pin(built: None, chip: Chip) -> None:
    """max_on=1.3 lets `for=1.3` pass: 1.3 s times 1000 are 1,299.9 ms there."""
    with Board(*CHIP, PINS=PINS) as board:
        assert board.client.get("/?pin=door&state=on&for=1.3").status == 200
        assert board.client.get("/?pin=door&state=on&for=1.301").status == 400
        board.client.get("/?pin=door&state=off")
        assert 1300 - 2 <= timed(board, "door", 4, "") <= 1300 + LATE


# The option itself.


def run_board(*options: str) -> str:
    command = [sys.executable, "-m", "tools.board", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode
    return done.stderr


def test_ticks_need_the_chips_own_processor(built: None) -> None:
    assert "only the chip's own processor (--cpu lx106)" in run_board("--ticks", "1000")


@pytest.mark.parametrize("ticks", [str(PERIOD), "-1", "soon"])
def test_ticks_that_cannot_be(ticks: str) -> None:
    assert f"{ticks!r} is no count of ticks; they are 0 to 1073741823 ms" in run_board(
        f"--ticks={ticks}"
    )
