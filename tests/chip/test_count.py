"""What the firmware's start and its requests cost on the chip's own processor, in instructions.

The bounds are what it took as this was written, and 5 % more. They may only go down.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.bench.load import BROWSER, OTHER_BROWSER
from tools.chip import build
from tools.chip.count import Cost, Counted, CountError, first_idle, read_log, served
from tools.chip.requests import browser

START = 64_700_000
# From accept() to the close, the median of many. Where a request is all there when it is accepted
# it takes 276,000; on a busy machine each comes a moment later, and a turn of the loop is added.
SWITCH, ALL_OF_SWITCH = 360_000, 560_000
IN_TURN, ALL_IN_TURN = 560_000, 720_000
PATHS = {
    "/pins/D1": 3_360_000,
    "/pins": 8_710_000,
    "/status": 2_900_000,
    "/log": 2_830_000,
    "/wifi": 5_440_000,
    "/": 15_900_000,
    "/openapi.json": 4_400_000,
}
SHORT = (BROWSER, browser("/pins/D1"), browser("/status"))


@pytest.fixture(scope="module")
def board(chip: build.Chip, built: None) -> Iterator[Counted]:
    if chip.plugin is None:
        pytest.skip("this machine's QEMU is linked statically and loads no plugin that counts")
    with Counted() as made:
        yield made


def shown(name: str, cost: Cost) -> Cost:
    print(f"\n{name}: {cost.least:,} least, {cost.median:,} median, {cost.whole:,} with all")
    return cost


def test_start(board: Counted) -> None:
    assert board.start() <= START


def test_a_browser_that_switches_again(board: Counted) -> None:
    cost = shown("a browser's switch", board.measure([BROWSER], 100))
    assert cost.median <= SWITCH
    assert cost.whole <= ALL_OF_SWITCH


def test_two_browsers_in_turn(board: Counted) -> None:
    cost = shown("two browsers", board.measure([BROWSER, OTHER_BROWSER], 100))
    assert cost.median <= IN_TURN
    assert cost.whole <= ALL_IN_TURN


@pytest.mark.parametrize("path", PATHS)
def test_a_path(board: Counted, path: str) -> None:
    assert shown(path, board.measure([browser(path)], 10)).median <= PATHS[path]


@pytest.mark.parametrize("request_sent", SHORT, ids=("switch", "pin", "status"))
def test_a_short_answer_is_one_write(board: Counted, request_sent: bytes) -> None:
    """So it is one segment on the air."""
    board.measure([request_sent], 1, warm=1)
    connections = board.control(net=None)["net"]["connections"]
    assert [each["writes"] for each in connections[-2:]] == [1, 1]


# How it is counted.


def test_the_profile_is_of_what_was_counted(board: Counted) -> None:
    """Every instruction from accept() to the close stands in it, warm requests are left out; a
    block of code is counted where it begins, so that some at both ends are off."""
    cost = board.measure([browser("/pins")], 5, warm=2)
    assert cost.profile.total() == pytest.approx(sum(cost.served), rel=1e-4)
    assert 0.05 < cost.collecting < 0.6


def test_an_answer_that_is_no_200_is_no_measurement(board: Counted) -> None:
    with pytest.raises(CountError, match=r"GET /nothing HTTP/1.1 was answered b'HTTP/1.1 404"):
        board.measure([browser("/nothing")], 1)


_LOG = """\
total 900
call poll 5 0 70
mark 3 8 120
mark 1 9 130
mark 2 9 140
call close 9 0 141
"""
_NEXT_LIFE = """\
mark 3 7 100
call poll -1 1 150
mark 1 9 200
mark 1 10 210
mark 2 7 220
mark 2 10 260
call close 10 0 261
mark 2 9 300
"""


def test_counts_begin_anew_with_each_process() -> None:
    events = read_log(_LOG + _NEXT_LIFE)
    assert first_idle(events) == 150
    assert served(events) == [(210, 260), (200, 300)]


def test_a_wait_before_it_listens_is_no_idle() -> None:
    assert first_idle(read_log(_LOG)) is None
