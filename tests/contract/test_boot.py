"""From power-on to the first request: what each pin does, by the trace."""

from typing import Any

import pytest

from tests.support.boards import Board, Entry, board_with
from tests.support.firmware import firmware_with

PINS: list[dict[str, Any]] = [
    {"pin": 4, "mode": "out"},
    {"pin": 5, "mode": "out", "boot": "on"},
    {"pin": 12, "mode": "out", "active_low": True},
    {"pin": 13, "mode": "out", "active_low": True, "boot": "on"},
    {"pin": 14, "mode": "out", "boot": "last"},
    {"pin": 16, "mode": "out"},
    {"pin": 9, "mode": "out", "boot": "leave"},
    {"pin": 15, "mode": "pwm"},
    {"pin": 0, "mode": "in", "pull": "up"},
    {"pin": 2, "mode": "in"},
]
OUTPUTS = {4: 0, 5: 1, 12: 1, 13: 0, 14: 0, 16: 0, 15: 0}  # levels at a cold start
WARM = ["software", "watchdog", "exception"]  # resets that leave the pins as they are

# Ticks that run ten times as quickly, for what counts the age of a state.
HURRY = """
from utime import ticks_ms
from picopin import gpio, last

def hurry():
    return ticks_ms() * 10 & (1 << 30) - 1

gpio.ticks_ms = last.ticks_ms = hurry
"""

board = board_with(PINS=PINS)


def in_life(board: Board, life: int) -> list[Entry]:
    return [entry for entry in board.entries() if entry["life"] == life]


class TestColdStart:
    """Each output goes once, straight to its boot level; nothing else moves."""

    @pytest.mark.parametrize(("pin", "level"), OUTPUTS.items())
    def test_an_output_takes_its_level_at_once(self, board: Board, pin: int, level: int) -> None:
        """The first change already has the level: no glitch, GPIO16 included."""
        changes = [(each["level"], each["mode"]) for each in board.changes(pin)]
        assert changes[:1] == [(level, "out")]
        assert {each[0] for each in changes} == {level}

    @pytest.mark.parametrize("pin", [9, 2, 10, 1, 3])
    def test_what_is_left_alone_or_not_listed_never_changes(self, board: Board, pin: int) -> None:
        assert board.changes(pin) == []

    def test_an_input_stays_one(self, board: Board) -> None:
        assert {entry["mode"] for entry in board.changes(0)} <= {"in"}
        assert board.pads()["0"]["pull_up"]

    def test_pins_come_before_wifi(self, board: Board) -> None:
        entries = in_life(board, 1)
        ours = next(
            number for number, entry in enumerate(entries) if "picopin" in str(entry.get("ap"))
        )
        last_pin = max(number for number, entry in enumerate(entries) if "pin" in entry)
        assert last_pin < ours

    def test_boot_takes_less_than_a_second(self, board: Board) -> None:
        """To the last pin; boot.py is over before main.py serves."""
        assert all(entry["ms"] < 1000 for entry in in_life(board, 1) if "pin" in entry)


@pytest.mark.parametrize(
    "more", [{"boot": "on"}, {"active_low": True}], ids=["boot on", "active low"]
)
def test_gpio16_takes_a_high_level_at_once(built: None, more: dict[str, Any]) -> None:
    """It turns before it has its level (machine_pin.c), so it gets that while it is an input."""
    with Board(PINS=[{"pin": 16, "mode": "out", **more}]) as board:
        assert [(each["level"], each["mode"]) for each in board.changes(16)] == [(1, "out")]


def test_power_on_brings_the_boot_levels_again(built: None) -> None:
    with Board(PINS=PINS) as board:
        for pin in (4, 5, 12, 13, 16):
            state = "off" if pin in (5, 13) else "on"
            assert board.client.get(f"/?pin={pin}&state={state}").status == 200
        board.restart("power")
        for pin in (4, 5, 12, 13, 16):
            again = [entry["level"] for entry in board.changes(pin) if entry["life"] == 2]
            assert again[-1] == OUTPUTS[pin]
            assert board.client.get(f"/?pin={pin}").json["state"] == (
                "on" if pin in (5, 13) else "off"
            )
        assert board.client.get("/status").json["reset"] == "power on"


@pytest.mark.parametrize("how", WARM)
def test_a_warm_reset_keeps_levels_without_a_pulse(board: Board, how: str) -> None:
    """Not one change in the trace, until the first request of the new life and after it."""
    states = {4: "on", 5: "off", 12: "on", 13: "off", 14: "on", 16: "on"}
    for pin, state in states.items():
        board.client.get(f"/?pin={pin}&state={state}")
    seen = len(board.changes(*states, 9, 0, 2))
    board.restart(how)
    for pin, state in states.items():
        assert board.client.get(f"/?pin={pin}").json["state"] == state
    assert board.changes(*states, 9, 0, 2)[seen:] == []


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("software", "restart"),
        ("watchdog", "software watchdog"),
        ("exception", "exception"),
        ("hard", "reset button"),
        ("power", "power on"),
    ],
)
def test_status_tells_why_it_started(board: Board, how: str, told: str) -> None:
    board.restart(how)
    assert board.client.get("/status").json["reset"] == told


@pytest.mark.parametrize("how", [*WARM, "power"])
@pytest.mark.parametrize("state", ["on", "off"])
def test_a_reset_in_mid_pulse_ends_it_off(board: Board, how: str, state: str) -> None:
    """Nobody is left who knows when it should have ended."""
    board.client.get("/?pin=4&state=on")
    board.client.get(f"/?pin=4&state={state}&for=60")
    board.restart(how)
    assert board.client.get("/?pin=4").json == {"pin": 4, "name": "D2", "state": "off"}
    assert board.level(4) == 0


def test_a_reset_ends_what_max_on_limits(built: None) -> None:
    with Board(PINS=[{"pin": 4, "mode": "out", "max_on": 60}]) as board:
        board.client.get("/?pin=4&state=on")
        board.restart()
        assert board.client.get("/?pin=4").json["state"] == "off"


@pytest.mark.parametrize("how", WARM)
def test_a_warm_reset_keeps_what_was_asked_though_the_pad_is_held(built: None, how: str) -> None:
    with Board(PINS=[{"pin": 4, "mode": "out", "boot": "last"}]) as board:
        board.client.get("/?pin=4&state=on")
        board.control(set_pin={"pin": 4, "level": 0})
        board.restart(how)
        assert board.client.get("/?pin=4").json["state"] == "on"
        board.control(set_pin={"pin": 4, "level": None})
        assert board.level(4) == 1


def test_what_was_asked_ends_with_the_reset_button(built: None) -> None:
    """It brings the boot levels, and the warm reset behind it keeps those."""
    with Board(PINS=[{"pin": 4, "mode": "out"}, {"pin": 5, "mode": "out", "boot": "on"}]) as board:
        board.client.get("/?pin=4&state=on")
        board.client.get("/?pin=5&state=off")
        for how in ("hard", "software"):
            board.restart(how)
            assert board.client.get("/?pin=4").json["state"] == "off"
            assert board.client.get("/?pin=5").json["state"] == "on"
            assert (board.level(4), board.level(5)) == (0, 1)


def test_a_pin_that_was_left_alone_is_read(built: None) -> None:
    """After the reset button too, whatever had been asked before."""
    with Board(PINS=[{"pin": 4, "mode": "out", "boot": "leave"}]) as board:
        board.client.get("/?pin=4&state=on")
        board.restart("hard")
        for level, state in ((1, "on"), (0, "off")):
            board.control(set_pin={"pin": 4, "level": level})
            assert board.client.get("/?pin=4").json["state"] == state


def test_a_pulse_that_has_ended_is_no_pulse(built: None) -> None:
    with Board(PINS=[{"pin": 4, "mode": "out"}]) as board:
        board.client.get("/?pin=4&state=on")
        board.client.get("/?pin=4&state=off&for=0.05")
        board.wait(lambda: board.levels(4)[1:] == [1, 0, 1], "its end")
        board.restart()
        assert board.client.get("/?pin=4").json["state"] == "on"


class TestLast:
    """boot="last" survives a power cut, written late and seldom."""

    PIN = 14

    def writes(self, board: Board) -> int:
        return board.control(flash=None)["flash"]["writes"]

    def test_across_power_cuts(self, built: None) -> None:
        with Board(PINS=PINS) as board:
            before = self.writes(board)
            board.client.get("/?pin=14&state=on")
            board.wait(lambda: self.writes(board) > before, "the state in flash")
            board.client.get("/status")  # answered after the save is whole: it never waits
            rested = self.writes(board)
            board.restart("power")
            assert board.client.get("/?pin=14").json["state"] == "on"
            assert board.levels(14)[-2:] == [0, 1]  # an input without power, then on at once
            board.restart("power")
            assert board.client.get("/?pin=14").json["state"] == "on"
            assert self.writes(board) == rested, "a start alone writes nothing"

    def test_switching_to_and_fro_is_not_written_each_time(self, built: None) -> None:
        """Flash wears out: what has not rested for some seconds is not saved."""
        with Board(PINS=PINS) as board:
            before = self.writes(board)
            for number in range(40):
                board.client.get(f"/?pin=14&state={'on' if number % 2 else 'off'}")
            assert self.writes(board) == before
            board.restart("power")
            assert board.client.get("/?pin=14").json["state"] == "off"

    def test_at_most_once_a_minute(self, built: None) -> None:
        """Flash wears out: a state that has rested waits for the minute. Time is ten times as
        quick here."""
        with Board(files=firmware_with(HURRY), PINS=PINS) as board:
            before = self.writes(board)
            board.client.get("/?pin=14&state=on")
            board.wait(lambda: self.writes(board) > before, "the first save")
            board.client.get("/status")  # answered after the save is whole
            saved = self.writes(board)
            begun = board.control(status=None)["status"]["ms"]
            for rested in (1500, 3000, 4500):  # ms; a minute is 6000 of them
                state = "on" if rested == 3000 else "off"
                board.client.get(f"/?pin=14&state={state}")
                board.wait(lambda rested=rested: self.age(board, begun) > rested, "15 seconds more")
                assert self.writes(board) == saved
            board.wait(lambda: self.writes(board) > saved, "the save after a minute")
            board.client.get("/status")
            board.restart("power")
            assert board.client.get("/?pin=14").json["state"] == "off"

    @staticmethod
    def age(board: Board, begun: int) -> int:
        """Milliseconds that have passed."""
        return board.control(status=None)["status"]["ms"] - begun

    def test_what_was_asked_is_saved_though_the_pad_is_held(self, built: None) -> None:
        with Board(PINS=PINS) as board:
            before = self.writes(board)
            board.client.get("/?pin=14&state=on")
            board.control(set_pin={"pin": 14, "level": 0})
            board.wait(lambda: self.writes(board) > before, "the state in flash")
            board.client.get("/status")  # answered after the save is whole
            board.control(set_pin={"pin": 14, "level": None})
            board.restart("power")
            assert board.client.get("/?pin=14").json["state"] == "on"

    def test_warm_resets_need_no_flash(self, built: None) -> None:
        with Board(PINS=PINS) as board:
            before = self.writes(board)
            board.client.get("/?pin=14&state=on")
            assert self.writes(board) == before
            board.restart("watchdog")
            assert board.client.get("/?pin=14").json["state"] == "on"
            assert board.levels(14) == [0, 1]


@pytest.mark.parametrize(
    "left",
    ["b'another program'", "b'Pp1' + bytes([7] * 20)", "bytes(492)", r"b'\xff' * 492", "b''"],
)
def test_notes_of_another_program_are_not_believed(built: None, left: str) -> None:
    """What RTC memory holds then says nothing of the pins: they come up as after power-on."""
    first = f"""
import machine
if machine.reset_cause() == 0:
    machine.RTC().memory({left})
    machine.reset()
"""
    with Board(files=firmware_with(first=first)) as board:
        assert board.client.get("/?pin=2").json["state"] == "off"
        assert board.counters()["faults"] == 0
        assert set(board.levels(2)) == {1}
