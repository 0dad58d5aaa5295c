"""`for=`: an output that goes back by itself, to the millisecond that the trace shows."""

import os
import re
import select
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.contract.rows import FORM, JSON, Row, assert_refused, error, table
from tests.support.boards import Board, board_with
from tests.support.http import Answer
from tools.board.process import PATIENCE

LATE = 150  # milliseconds that a busy machine may be late
EARLY = 2  # milliseconds: the trace rounds each of two times
SWITCHING = 10  # milliseconds from a change of a pin to the start of its time, at most

board = board_with(
    PINS=[
        {"pin": 4, "mode": "out", "name": "relay"},
        {"pin": 5, "mode": "out", "name": "door", "max_on": 0.5},
        {"pin": 12, "mode": "out", "name": "lamp", "active_low": True},
        {"pin": 13, "mode": "pwm", "name": "fan"},
    ]
)


def lasted(board: Board, pin: int, entry: int) -> int:
    """Milliseconds from an entry of the pin's trace to the next, once that has come."""
    board.wait(lambda: len(board.changes(pin)) > entry + 1, f"change {entry + 1} of GPIO{pin}")
    first, second = board.changes(pin)[entry : entry + 2]
    return second["ms"] - first["ms"]


def assert_lasts(board: Board, pin: int, seen: int, milliseconds: int) -> None:
    """The pin's first change after `seen` ones stays for so long, then ends."""
    assert milliseconds - EARLY <= lasted(board, pin, seen) <= milliseconds + LATE


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [("0.01", 10), ("0.3", 300), ("0.25", 250), ("1", 1000)]
)
def test_on_for_so_long(board: Board, seconds: str, milliseconds: int) -> None:
    seen = len(board.changes(4))
    answer = board.client.get(f"/?pin=4&state=on&for={seconds}").json
    assert answer["state"] == "on"
    assert 0 <= answer["remaining"] <= milliseconds / 1000
    assert_lasts(board, 4, seen, milliseconds)
    assert board.levels(4)[seen:] == [1, 0]
    assert board.client.get("/?pin=4").json == {"pin": 4, "name": "relay", "state": "off"}


def test_off_for_so_long_then_on(board: Board) -> None:
    """ "Then back to the other state": a router is switched off for a moment like this."""
    board.client.get("/?pin=4&state=on")
    seen = len(board.changes(4))
    assert board.client.get("/?pin=4&state=off&for=0.1").json["remaining"] <= 0.1
    assert_lasts(board, 4, seen, 100)
    assert board.levels(4)[seen:] == [0, 1]
    board.client.get("/?pin=4&state=off")


def test_on_an_active_low_pin(board: Board) -> None:
    seen = len(board.changes(12))
    board.client.get("/?pin=lamp&state=on&for=0.1")
    assert_lasts(board, 12, seen, 100)
    assert board.levels(12)[seen:] == [0, 1]


def test_remaining_counts_down(board: Board) -> None:
    first = board.client.get("/?pin=4&state=on&for=20").json["remaining"]
    assert 19 < first <= 20
    second = board.wait(
        lambda: (left := board.client.get("/?pin=4").json["remaining"]) < first and left, "less"
    )
    assert first - 2 < second < first
    assert board.client.get("/pins/4").json["remaining"] <= second
    assert "remaining" not in board.client.get("/?pin=4&state=off").json


def test_asking_again_starts_the_time_anew(board: Board) -> None:
    seen = len(board.changes(4))
    board.client.get("/?pin=4&state=on&for=1")
    started = board.changes(4)[-1]["ms"]
    board.wait(lambda: board.client.get("/?pin=4").json["remaining"] < 0.9, "some of it")
    again = board.control(status=None)["status"]["ms"]
    board.client.get("/?pin=4&state=on&for=1")
    assert lasted(board, 4, seen) >= again - started + 1000 - EARLY
    assert board.levels(4)[seen:] == [1, 0]


@pytest.mark.parametrize(("query", "state"), [("state=on", "on"), ("state=off", "off")])
def test_a_state_without_for_ends_the_timing(board: Board, query: str, state: str) -> None:
    board.client.get("/?pin=4&state=on&for=0.15")
    answer = board.client.get(f"/?pin=4&{query}").json
    assert answer == {"pin": 4, "name": "relay", "state": state}
    seen = len(board.changes(4))
    board.client.get("/?pin=12&state=on&for=0.2")
    assert_lasts(board, 12, len(board.changes(12)) - 1, 200)
    assert board.changes(4)[seen:] == []
    board.client.get("/?pin=4&state=off")


def test_several_run_at_once(board: Board) -> None:
    """One hardware timer serves them all, in whatever order they end."""
    seen = {pin: len(board.changes(pin)) for pin in (4, 5, 12)}
    for pin, seconds in ((4, 0.35), (12, 0.05), (5, 0.2)):
        board.client.get(f"/?pin={pin}&state=on&for={seconds}")
    for pin, milliseconds in ((4, 350), (12, 50), (5, 200)):
        assert_lasts(board, pin, seen[pin], milliseconds)


def test_max_on_ends_what_has_no_for(board: Board) -> None:
    seen = len(board.changes(5))
    assert board.client.get("/?pin=door&state=on").json["remaining"] <= 0.5
    assert_lasts(board, 5, seen, 500)


def test_max_on_ends_what_was_off_for_a_while(board: Board) -> None:
    """ "Then back to the other state" is on, and that is no way around max_on."""
    seen = len(board.changes(5))
    board.client.get("/?pin=door&state=on")
    board.client.get("/?pin=door&state=off&for=0.1")
    board.wait(lambda: len(board.changes(5)) >= seen + 4, "off by max_on")
    assert board.levels(5)[seen:] == [1, 0, 1, 0]
    assert_lasts(board, 5, seen + 2, 500)


@table(
    *(Row(f"GET /?pin=4&state=on&for={text}", 400, error("bad_for", "for"))
      for text in ("", "0", "-1", "0.001", "0.009", "x", "5s", "1e3", "inf", "nan", ".", "1.2.3",
                   "0x10", "1,5", "%20" "5", "5%20", "1_0", "99999999999")),
    Row("GET /?pin=4&state=on&for", 400, error("missing_value", "for")),
    Row("GET /?pin=4&for=5", 400, {"code": "missing", "param": "state"}),
    Row("GET /?pin=4&state=on&for=5&for=6", 400, error("repeated", "for")),
    Row("GET /?pin=4&state=on&for=86401", 400, error("for_too_long", "for")),
    Row("GET /?pin=5&state=on&for=0.51", 400, error("for_too_long", "for")),
    Row("GET /?pin=5&state=on&for=5", 400, error("for_too_long", "for")),
    Row("PUT /pins/5", 400, error("for_too_long", "for"), b'{"state": "on", "for": 0.6}', JSON),
    Row("PUT /pins/4", 400, {"code": "missing", "param": "state"}, b'{"for": 5}', JSON),
    Row("GET /?pin=13&state=on&for=5", 400, error("for_not_here", "for")),
)  # fmt: skip
def test_what_for_does_not_take(board: Board, row: Row) -> None:
    """More than max_on is an error, not capped."""
    assert_refused(board, row)


@table(
    Row("GET /?pin=4&state=on&for=86400", 200, {"state": "on"}),
    Row("GET /?pin=4&state=on&for=2.5", 200, {"state": "on"}),
    Row("GET /?pin=4&state=on&for=007", 200, {"state": "on"}),
    Row("GET /?pin=5&state=on&for=0.5", 200, {"state": "on"}),
    Row("PUT /pins/4", 200, {"state": "on"}, b'{"state": "on", "for": 5}', JSON),
    Row("PUT /pins/4", 200, {"state": "on"}, b'{"state": "on", "for": 1.5}', JSON),
    Row("PUT /pins/4", 200, {"state": "on"}, b'{"state": "on", "for": "5"}', JSON),
    Row("PUT /pins/4", 200, {"state": "on"}, b'{"state": "on", "for": 1e1}', JSON),
    Row("PUT /pins/4", 200, {"state": "on"}, b'{"st\\u0061te": "on", "for": 1.5}', JSON),
    Row("PUT /pins/5", 200, {"state": "on"}, b'{"for": 1.5, "for": 0.5, "state": "on"}', JSON),
    Row("POST /", 200, {"state": "on"}, b"pin=4&state=on&for=5", FORM),
)
def test_ways_to_say_for(board: Board, row: Row) -> None:
    assert row.check(board.client).json["remaining"] > 0
    assert (
        "remaining"
        not in board.client.get(f"/?pin={'5' if '5&' in row.request else '4'}&state=off").json
    )


# Seconds of max_on, and a millisecond more: a float of the chip holds six digits of them.
LONGEST = {
    4: ("1.3", "1.301"),
    5: ("0.29", "0.291"),
    12: ("40000.3", "40000.301"),
    13: ("1234.56", "1234.561"),
    14: ("86399.9", "86399.901"),
}
exact_board = board_with(
    PINS=[{"pin": pin, "mode": "out", "max_on": float(most)} for pin, (most, _) in LONGEST.items()]
)


def assert_left(board: Board, pin: int, ask: Callable[[], Answer], milliseconds: int) -> None:
    """`remaining`, in the answer to `ask`, is right to the millisecond by the trace."""
    before = board.control(status=None)["status"]["ms"]
    left = round(ask().json["remaining"] * 1000)
    after = board.control(status=None)["status"]["ms"]
    begun = board.changes(pin)[-1]["ms"]
    assert begun + milliseconds - after - EARLY <= left
    assert left <= min(milliseconds, begun + milliseconds - before + SWITCHING)


@pytest.mark.parametrize(("pin", "most", "more"), [(pin, *texts) for pin, texts in LONGEST.items()])
def test_max_on_is_what_config_says(exact_board: Board, pin: int, most: str, more: str) -> None:
    """As decimal numbers: 1.3 times 1000 is less than 1300 on the chip."""
    client = exact_board.client
    milliseconds = round(float(most) * 1000)
    told = client.get(f"/?pin={pin}&state=on&for={more}").error
    assert (told["code"], f" {most} s" in told["message"]) == ("for_too_long", True), told
    body = f'{{"state": "on", "for": {more}}}'.encode()
    assert client.ask("PUT", f"/pins/{pin}", body, JSON).error["code"] == "for_too_long"
    assert client.get(f"/pins/{pin}").json["max_on"] == float(most)
    for query in ("", f"&for={most}"):
        client.get(f"/?pin={pin}&state=off")
        ask = partial(client.get, f"/?pin={pin}&state=on{query}")
        assert_left(exact_board, pin, ask, milliseconds)
    assert b'"max_on": %s' % most.encode() in client.get("/pins").body
    client.get(f"/?pin={pin}&state=off")


@pytest.mark.parametrize("seconds", ["86399.123", "12345.678", "40000.001"])
def test_remaining_is_right_to_the_millisecond(board: Board, seconds: str) -> None:
    milliseconds = round(float(seconds) * 1000)
    body = f'{{"for": {seconds} , "state": "on"}}'.encode()
    for ask in (
        partial(board.client.get, f"/?pin=4&state=on&for={seconds}"),
        partial(board.client.ask, "PUT", "/pins/4", body, JSON),
    ):
        board.client.get("/?pin=4&state=off")
        assert_left(board, 4, ask, milliseconds)
        for _ in range(5):
            assert_left(board, 4, partial(board.client.get, "/?pin=4"), milliseconds)
            assert_left(board, 4, partial(board.client.get, "/pins/4"), milliseconds)
    listed = board.client.get("/pins").json["pins"][0]
    assert (listed["pin"], listed["remaining"] > float(seconds) - 60) == (4, True)
    board.client.get("/?pin=4&state=off")


def test_it_ends_though_the_client_is_gone(board: Board) -> None:
    """The request is whole, and nobody waits for its answer."""
    seen = len(board.changes(4))
    with board.client.connect() as connection:
        connection.sendall(b"GET /?pin=4&state=on&for=0.2 HTTP/1.0\r\n\r\n")
    assert_lasts(board, 4, seen, 200)


def test_it_ends_in_time_while_others_keep_the_board_busy(board: Board) -> None:
    seen = len(board.changes(4))
    board.client.get("/?pin=4&state=on&for=1")
    asked = 0
    end = time.monotonic() + 5
    while len(board.changes(4)) < seen + 2 and time.monotonic() < end:
        assert board.client.get("/pins").status == 200
        asked += 1
    assert asked > 5
    assert_lasts(board, 4, seen, 1000)


def test_it_ends_while_the_wifi_is_gone(built: None) -> None:
    pins = [{"pin": 4, "mode": "out"}]
    with Board(PINS=pins, WIFI=[("home", "for-the-test")], AP="never") as board:
        board.client.get("/?pin=4&state=on&for=0.3")
        board.control(wifi="lost")
        assert_lasts(board, 4, 1, 300)


@pytest.mark.parametrize("asked", ["/?pin=4&state=on&for=2", "/?pin=5&state=on"])
def test_it_ends_though_its_interrupt_is_lost(built: None, asked: str) -> None:
    """Two buttons bounce during a scan: they take the scheduler's four places, and the Timer's
    interrupt finds none (py/mpconfig.h, MICROPY_SCHEDULER_DEPTH)."""
    pins = [
        {"pin": 4, "mode": "out"},
        {"pin": 5, "mode": "out", "max_on": 2},
        {"pin": 12, "mode": "in"},
        {"pin": 14, "mode": "in"},
    ]
    with Board(PINS=pins) as board:
        board.control(delays={"scan": 3})
        pin = int(asked[6])
        assert board.client.get(asked).json["state"] == "on"
        board.client.post("/wifi", "scan=1")
        board.wait(lambda: board.control(wifi=None)["wifi"]["scans"], "a scan")
        assert board.level(pin) == 1, "the scan begins before the end"
        for level in (1, 0, 1):
            for button in (12, 14):
                board.control(set_pin={"pin": button, "level": level})
        board.wait(lambda: board.level(pin) == 0, "the end")
        assert board.client.get(f"/?pin={pin}&state=on&for=0.1").json["state"] == "on"
        board.wait(lambda: board.level(pin) == 0, "the end of the next")


def test_no_pulse_is_left_to_a_soft_reset(built: None) -> None:
    """A Timer that is armed there crashes the chip when it is due (ports/esp8266/main.c)."""
    with Board("--serial", PINS=[{"pin": 4, "mode": "out"}]) as board:
        line = os.open(board.wait_line(r"serial (\S+)")[0], os.O_RDWR | os.O_NOCTTY)
        board.client.get("/?pin=4&state=on&for=2")
        for key, answer in ((b"\x03", rb">>> "), (b"\x04", rb"soft reboot")):
            os.write(line, key)
            seen = b""
            while not re.search(answer, seen):
                assert select.select([line], [], [], PATIENCE)[0], seen
                seen += os.read(line, 4096)
        os.close(line)
        board.wait_serving(2)
        assert board.levels(4) == [0, 1, 0]
        begun = board.changes(4)[1]["ms"]
        board.wait(lambda: board.control(status=None)["status"]["ms"] > begun + 2200, "its end")
        assert board.entries(event="exception") == []
