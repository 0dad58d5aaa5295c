"""config.PINS as law: who is seen, what each pin may do, and who excludes whom."""

import pytest

from tests.contract.rows import JSON, Row, assert_part, assert_refused, error, table
from tests.support.boards import Board, board_with
from tests.support.firmware import firmware_with

board = board_with(
    PINS=[
        {"pin": "D2", "mode": "out", "name": "up", "group": "motor"},
        {"pin": 5, "mode": "out", "name": "down", "group": "motor"},
        {"pin": 12, "mode": "out", "name": "brake", "group": "motor", "active_low": True},
        {"pin": 13, "mode": "out", "name": "alarm", "read_only": True, "boot": "on"},
        {"pin": 14, "mode": "out", "name": "valve", "max_on": 30},
        {"pin": 0, "mode": "in", "name": "button", "pull": "up"},
        {"pin": 15, "mode": "pwm", "name": "dimmer"},
        {"pin": 16, "mode": "out"},
        {"pin": 9, "mode": "out"},
        {"pin": "A0", "mode": "analog", "name": "light", "full_scale": 1.0},
    ]
)


# Between a check and the switch that follows it a pulse of a second ends.
LONG_CHECK = """
from utime import sleep_ms
from picopin import gpio

rival = gpio.Output.rival

def slowly(pin):
    found = rival(pin)
    if pin.number == 5:
        sleep_ms(1500)
    return found

gpio.Output.rival = slowly
"""


class TestInterlock:
    """Of a group never two are on at once, were it for a moment."""

    @pytest.fixture(autouse=True)
    def all_off(self, board: Board) -> None:
        for name in ("up", "down", "brake"):
            board.client.get(f"/?pin={name}&state=off")

    @table(
        Row("GET /?pin=down&state=on", 409, error("interlocked", "pin")),
        Row("GET /?pin=down&state=on&for=5", 409, error("interlocked", "pin")),
        Row("GET /?pin=brake&state=on", 409, error("interlocked", "pin")),
        Row("PUT /pins/down", 409, error("interlocked", "pin"), b'{"state": "on"}', JSON),
        Row("PUT /pins/down", 409, error("interlocked", "pin"), b'{"state": "toggle"}', JSON),
        Row("HEAD /?pin=down&state=on", 409),
    )
    def test_the_second_is_refused(self, board: Board, row: Row) -> None:
        board.client.get("/?pin=up&state=on")
        assert_refused(board, row)

    def test_the_one_that_is_on_is_named(self, board: Board) -> None:
        board.client.get("/?pin=up&state=on")
        assert "up" in board.client.get("/?pin=down&state=on").error["message"]

    def test_once_the_first_is_off_the_second_may(self, board: Board) -> None:
        for name in ("up", "brake", "down"):
            assert board.client.get(f"/?pin={name}&state=on").status == 200
            assert board.client.get(f"/?pin={name}&state=off").status == 200

    def test_the_one_that_is_on_may_be_asked_again(self, board: Board) -> None:
        board.client.get("/?pin=up&state=on")
        assert board.client.get("/?pin=up&state=on&for=5").status == 200

    def test_off_is_always_allowed(self, board: Board) -> None:
        board.client.get("/?pin=up&state=on")
        assert board.client.get("/?pin=down&state=off").status == 200

    def test_a_timed_off_does_not_end_beside_another(self, board: Board) -> None:
        """`up` is to come back on by itself, but `down` was switched on in the meantime."""
        board.client.get("/?pin=up&state=on")
        board.client.get("/?pin=up&state=off&for=0.2")
        assert board.client.get("/?pin=down&state=on").status == 200
        board.wait(lambda: "remaining" not in board.client.get("/?pin=up").json, "the end")
        assert (board.level(4), board.level(5)) == (0, 1)

    def test_a_timed_off_does_not_end_in_the_middle_of_a_check(self, built: None) -> None:
        """`up` is due on after `down` was found free to go on, and before it does."""
        pins = [
            {"pin": 4, "mode": "out", "name": "up", "group": "motor", "boot": "on"},
            {"pin": 5, "mode": "out", "name": "down", "group": "motor"},
        ]
        with Board(files=firmware_with(LONG_CHECK), PINS=pins) as board:
            assert board.client.get("/?pin=up&state=off&for=1").json["state"] == "off"
            assert board.client.get("/?pin=down&state=on").json["state"] == "on"
            board.wait(lambda: "remaining" not in board.client.get("/?pin=up").json, "the end")
            assert (board.level(4), board.level(5)) == (0, 1)
            assert board.levels(4) == [1, 0]

    def test_one_whose_pad_is_held_low_is_on(self, board: Board) -> None:
        """By what was asked: its load pulls the pad down, and may let go at any time."""
        board.client.get("/?pin=up&state=on")
        board.control(set_pin={"pin": 4, "level": 0})
        assert board.client.get("/?pin=down&state=on").status == 409
        board.control(set_pin={"pin": 4, "level": None})
        assert board.level(4) == 1

    def test_never_two_on_in_the_whole_trace(self, board: Board) -> None:
        on = {4: 0, 5: 0, 12: 1}
        levels = dict(on)
        for entry in board.changes(4, 5, 12):
            levels[entry["pin"]] = entry["level"]
            assert sum(levels[pin] != on[pin] for pin in on) <= 1, entry


@table(
    Row("GET /?pin=alarm&state=on", 403, error("read_only", "pin")),
    Row("GET /?pin=alarm&state=off", 403, error("read_only", "pin")),
    Row("GET /?pin=alarm&state=on&for=5", 403, error("read_only", "pin")),
    Row("PUT /pins/alarm", 403, error("read_only", "pin"), b'{"state": "toggle"}', JSON),
    Row("HEAD /?pin=alarm&state=off", 403),
    Row("GET /?pin=button&state=on", 409, error("not_an_output", "pin")),
    Row("PUT /pins/button", 409, error("not_an_output", "pin"), b'{"state": "off"}', JSON),
    Row("PUT /pins/button", 409, error("not_an_output", "pin"), b'{"state": "toggle"}', JSON),
    Row("GET /?pin=light&state=on", 409, error("not_an_output", "pin")),
    Row("GET /?pin=2&state=on", 403, {"code": "not_allowed"}),
    Row("GET /?pin=D4", 403, {"code": "not_allowed"}),
)
def test_what_policy_refuses(board: Board, row: Row) -> None:
    assert_refused(board, row)


def test_read_only_can_be_read(board: Board) -> None:
    assert board.client.get("/?pin=alarm").json == {"pin": 13, "name": "alarm", "state": "on"}
    assert board.level(13) == 1


@table(
    Row("GET /?pin=16&state=on", 200, {"pin": 16, "name": "D0", "state": "on"}),
    Row("GET /?pin=D0&state=off", 200, {"pin": 16, "state": "off"}),
    Row("GET /?pin=9&state=on", 200, {"pin": 9, "name": "SD2", "state": "on"}),
    Row("GET /?pin=SD2&state=off", 200, {"pin": 9, "state": "off"}),
)
def test_pins_that_are_free_once_config_lists_them(board: Board, row: Row) -> None:
    answer = row.check(board.client).json
    assert board.level(answer["pin"]) == (answer["state"] == "on")


PINS_SHOWN = {
    "up": {"pin": 4, "board": "D2", "mode": "out", "state": "off", "group": "motor"},
    "brake": {"pin": 12, "board": "D6", "active_low": True, "group": "motor"},
    "alarm": {"pin": 13, "board": "D7", "state": "on", "can": ["read"]},
    "valve": {"pin": 14, "max_on": 30, "group": None},
    "button": {"pin": 0, "board": "D3", "mode": "in", "state": "on", "can": ["read"]},
    "dimmer": {"pin": 15, "mode": "pwm", "state": "off", "duty": 0},
    "D0": {"pin": 16, "board": "D0", "mode": "out"},
    "light": {"pin": "A0", "mode": "analog", "can": ["read"]},
}


@pytest.mark.parametrize("name", PINS_SHOWN)
def test_pins_shows_state_mode_names_and_what_each_may_do(board: Board, name: str) -> None:
    whole = {each["name"]: each for each in board.client.get("/pins").json["pins"]}
    assert list(whole) == [
        *("up", "down", "brake", "alarm", "valve", "button", "dimmer", "D0", "SD2", "light"),
    ]
    assert_part(whole[name], PINS_SHOWN[name])
    assert board.client.get(f"/pins/{name}").json == whole[name]


def test_pins_tells_what_each_kind_can(board: Board) -> None:
    can = {each["name"]: set(each["can"]) for each in board.client.get("/pins").json["pins"]}
    assert can["up"] == {"read", "on", "off", "toggle", "for"}
    assert can["dimmer"] == {"read", "on", "off", "toggle", "duty"}


def test_pins_tells_why_not(board: Board) -> None:
    refused = {each["pin"]: each["reason"] for each in board.client.get("/pins").json["refused"]}
    assert set(refused) == {1, 2, 3, 6, 7, 8, 10, 11}
    assert all("flash" in refused[number] for number in (6, 7, 8, 11))
    assert all("console" in refused[number] for number in (1, 3))
    assert all("config.py" in refused[number] for number in (2, 10))


quad_board = board_with(
    "--flash-mode", "qio", PINS=[{"pin": number, "mode": "out"} for number in (4, 9, 10)]
)


class TestQuadFlash:
    """With QIO or QOUT in the flash's header GPIO9 and GPIO10 belong to the flash."""

    @pytest.mark.parametrize("pin", ["9", "10", "SD2", "SD3"])
    def test_they_are_refused_with_the_reason(self, quad_board: Board, pin: str) -> None:
        row = Row(f"GET /?pin={pin}&state=on", 403, {"code": "not_allowed", "param": "pin"})
        assert_refused(quad_board, row)
        assert "DIO" in row.ask(quad_board.client).error["message"]

    def test_they_were_never_touched(self, quad_board: Board) -> None:
        assert quad_board.changes(9, 10) == []
        assert quad_board.levels(4) == [0]

    def test_pins_tells_the_reason(self, quad_board: Board) -> None:
        shown = quad_board.client.get("/pins").json
        assert [each["pin"] for each in shown["pins"]] == [4]
        reasons = {each["pin"]: each["reason"] for each in shown["refused"]}
        assert all("DIO" in reasons[number] for number in (9, 10))


@pytest.mark.parametrize(("mode", "status"), [("qout", 403), ("dio", 200), ("dout", 200)])
def test_the_articles_pin_by_flash_mode(built: None, mode: str, status: int) -> None:
    """On a board as shipped; `qio` stands above."""
    with Board("--flash-mode", mode) as board:
        assert board.changes(10) == []
        assert board.client.get("/?pin=10&state=on").status == status
