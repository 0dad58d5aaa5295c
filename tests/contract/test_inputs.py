"""Inputs: levels from outside, pull-ups, bouncing contacts, edges; and A0."""

import pytest

from tests.contract.rows import assert_part
from tests.support.boards import Board, board_with

board = board_with(
    PINS=[
        {"pin": 4, "mode": "in", "name": "plain"},
        {"pin": 5, "mode": "in", "name": "contact", "pull": "up", "active_low": True},
        {"pin": 12, "mode": "in", "name": "calm", "debounce": 200},
        {"pin": 16, "mode": "in", "name": "wake"},
        {"pin": "A0", "mode": "analog", "name": "light"},
    ]
)


def drive(board: Board, pin: int, *levels: int | None) -> None:
    """Something connected drives the pin; None lets it go."""
    for level in levels:
        board.control(set_pin={"pin": pin, "level": level})


def read(board: Board, name: str) -> dict[str, object]:
    return board.client.get(f"/?pin={name}").json


def edges(board: Board, name: str) -> int:
    return board.client.get(f"/?pin={name}").json["edges"]


def test_level_from_outside(board: Board) -> None:
    for level, state in ((1, "on"), (0, "off"), (1, "on"), (0, "off")):
        drive(board, 4, level)
        assert read(board, "plain")["state"] == state


def test_a_pulled_up_contact_to_ground(board: Board) -> None:
    """Open is high, which is off on an active-low pin."""
    assert board.pads()["5"]["pull_up"]
    drive(board, 5, None)
    assert read(board, "contact")["state"] == "off"
    drive(board, 5, 0)
    assert read(board, "contact")["state"] == "on"
    drive(board, 5, None)
    assert read(board, "contact")["state"] == "off"


def test_edges_are_counted(board: Board) -> None:
    drive(board, 4, 0)
    before = edges(board, "plain")
    for number in range(1, 7):
        drive(board, 4, number % 2)
        board.wait(lambda wanted=before + number: edges(board, "plain") == wanted, "an edge")


def test_a_bouncing_contact_is_one_edge(board: Board) -> None:
    """Within 200 ms of an edge nothing counts, and the level that was read then stays."""
    drive(board, 12, 0)
    board.wait(lambda: board.control(status=None)["status"]["ms"] > 500, "rest after the start")
    before = edges(board, "calm")
    drive(board, 12, 1, 0, 1, 0, 1)
    board.wait(lambda: edges(board, "calm") > before, "the edge")
    assert read(board, "calm") == {
        "pin": 12,
        "name": "calm",
        "state": "on",
        "edges": before + 1,
    }


def test_after_the_bouncing_the_level_counts(board: Board) -> None:
    """It ended low, though the last edge that was let in went up."""
    board.wait(lambda: read(board, "calm")["state"] == "on", "rest")
    drive(board, 12, 0, 1, 0)
    board.wait(lambda: read(board, "calm")["state"] == "off", "the level it ended with")


def test_gpio_16_has_no_interrupt_and_counts_no_edges(board: Board) -> None:
    for level, state in ((1, "on"), (0, "off")):
        drive(board, 16, level)
        assert read(board, "wake") == {"pin": 16, "name": "wake", "state": state}


def test_an_input_is_never_driven(board: Board) -> None:
    for pin in ("4", "5", "12", "16"):
        assert board.pads()[pin]["mode"] == "in"
        assert all(entry["mode"] == "in" for entry in board.changes(int(pin)))


@pytest.mark.parametrize(("value", "volts"), [(0, 0.0), (512, 1.65), (1024, 3.3)])
def test_a0_raw_and_in_volts(board: Board, value: int, volts: float) -> None:
    """Full scale is a NodeMCU's divider, unless config says otherwise."""
    board.control(adc=value)
    answer = read(board, "A0")
    assert_part(answer, {"name": "light", "value": value})
    assert answer["volts"] == pytest.approx(volts, abs=0.001)
    assert read(board, "light") == answer
    assert_part(board.client.get("/pins/A0").json, answer)


def test_full_scale_of_a_bare_chip(built: None) -> None:
    with Board(PINS=[{"pin": "A0", "mode": "analog", "full_scale": 1.0}]) as board:
        board.control(adc=1024)
        assert read(board, "A0")["volts"] == pytest.approx(1.0)
