"""What `make run` shows, line by line."""

from typing import Any

import pytest

from tools.board.console import Console
from tools.board.tcp import Record

BOOT = {"ms": 0, "life": 1, "event": "boot", "cause": "power", "code": 0}


def pin(number: int, **fields: Any) -> dict[str, Any]:
    return {"ms": 1204, "pin": number, "level": 0, "mode": "out", "duty": None, **fields}


def shown(*entries: dict[str, Any], colours: bool = False) -> list[str]:
    lines: list[str] = []
    console = Console(lines.append, colours)
    for entry in (BOOT, *entries):
        console.entry(entry)
    return lines[1:]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (pin(2), "    1.204  pin    D4  GPIO2   low   on-board LED lit"),
        (pin(2, level=1), "    1.204  pin    D4  GPIO2   high  on-board LED dark"),
        (pin(5, level=1), "    1.204  pin    D1  GPIO5   high"),
        (pin(0, level=1, mode="in"), "    1.204  pin    D3  GPIO0   high  input"),
        (pin(5, level=1, driven=0), "    1.204  pin    D1  GPIO5   high  held so, driven low"),
        (pin(14, mode="pwm", duty=512), "    1.204  pin    D5  GPIO14  duty 512 of 1023"),
        ({"ms": 7, "event": "pwm", "freq": 100}, "    0.007  pwm    100 Hz on every channel"),
        (
            {"ms": 9, "event": "wifi", "station": "got ip", "address": "192.168.1.50", "ap": "p"},
            "    0.009  wifi   station got ip 192.168.1.50, access point p",
        ),
        (
            {"ms": 9, "event": "wifi", "station": "off", "address": "0.0.0.0", "ap": None},
            "    0.009  wifi   station off, access point off",
        ),
        ({"ms": 9, "event": "exception", "why": "a Timer"}, "    0.009  fatal  a Timer"),
        ({"ms": 9, "event": "idle"}, "    0.009  end    boot.py and main.py are over"),
    ],
)
def test_entries(entry: dict[str, Any], line: str) -> None:
    assert shown(entry) == [line]


def test_what_is_not_for_people_is_not_shown() -> None:
    assert shown({"ms": 9, "event": "heap", "free": 1, "fakes": 2}) == []


def test_pins_that_fall_back_between_two_lives_are_not_shown() -> None:
    reset = {"ms": 9, "event": "reset", "reset": "software"}
    assert shown(reset, pin(2, mode="in")) == []


@pytest.mark.parametrize(
    ("fields", "line", "colour"),
    [
        (
            {"request": "GET /?pin=2 HTTP/1.1", "status": 200, "how": "closed"},
            "    1.204  http   200  GET /?pin=2  192.168.1.100  3 ms",
            "32",
        ),
        (
            {"request": "PUT /pins/6 HTTP/1.1", "status": 403, "how": "closed"},
            "    1.204  http   403  PUT /pins/6  192.168.1.100  3 ms",
            "33",
        ),
        (
            {"request": "", "status": None, "how": "aborted"},
            "    1.204  http   ---  no request  192.168.1.100  3 ms  aborted",
            "31",
        ),
    ],
)
def test_requests(fields: dict[str, Any], line: str, colour: str) -> None:
    record = Record("192.168.1.100:51234", "station", 1000, milliseconds=3, **fields)
    entry = {"ms": 1204, "event": "connection", **record.public()}
    assert shown(entry) == [line]
    assert shown(entry, colours=True) == [f"\x1b[{colour}m{line}\x1b[0m"]
