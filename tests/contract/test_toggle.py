"""`state=toggle`, and who may change by a link."""

from collections.abc import Callable

import pytest

from tests.contract.rows import FORM, JSON, Row, assert_refused, error, table
from tests.support.boards import Board, board_with
from tests.support.http import Answer

PINS = [
    {"pin": 4, "mode": "out", "name": "relay"},
    {"pin": 12, "mode": "out", "name": "lamp", "active_low": True},
    {"pin": 13, "mode": "pwm", "name": "fan"},
]
board = board_with(PINS=PINS)


def by_put(board: Board, pin: int) -> Answer:
    return board.client.put(f"/pins/{pin}", {"state": "toggle"})


def by_form(board: Board, pin: int) -> Answer:
    return board.client.post("/", f"pin={pin}&state=toggle")


def by_query(board: Board, pin: int) -> Answer:
    return board.client.post(f"/?pin={pin}&state=toggle")


@pytest.mark.parametrize("toggle", [by_put, by_form, by_query])
@pytest.mark.parametrize(("pin", "levels"), [(4, [1, 0]), (12, [0, 1])])
def test_post_and_put_toggle(
    board: Board, toggle: Callable[[Board, int], Answer], pin: int, levels: list[int]
) -> None:
    board.client.get(f"/?pin={pin}&state=off")
    seen = len(board.changes(pin))
    assert [toggle(board, pin).json["state"] for _ in levels] == ["on", "off"]
    assert board.levels(pin)[seen:] == levels


@pytest.mark.parametrize(("pin", "level"), [(4, 0), (12, 1)])
def test_an_output_whose_pad_is_held(board: Board, pin: int, level: int) -> None:
    """Its load keeps it at the level of "off"; state and toggle go by what was asked."""
    board.client.get(f"/?pin={pin}&state=off")
    board.control(set_pin={"pin": pin, "level": level})
    assert board.client.get(f"/?pin={pin}&state=on").json["state"] == "on"
    assert board.client.get(f"/?pin={pin}").json["state"] == "on"
    assert board.client.get(f"/pins/{pin}").json["state"] == "on"
    listed = {each["pin"]: each["state"] for each in board.client.get("/pins").json["pins"]}
    assert listed[pin] == "on"
    assert [by_put(board, pin).json["state"] for _ in range(2)] == ["off", "on"]
    board.control(set_pin={"pin": pin, "level": None})
    assert board.level(pin) == 1 - level
    board.client.get(f"/?pin={pin}&state=off")


def test_toggle_with_a_time(board: Board) -> None:
    """It goes back to where it was."""
    board.client.get("/?pin=4&state=off")
    answer = board.client.put("/pins/4", {"state": "toggle", "for": 0.1}).json
    assert (answer["state"], answer["remaining"] <= 0.1) == ("on", True)
    board.wait(lambda: board.level(4) == 0, "the end")


def test_toggle_ends_a_time(board: Board) -> None:
    board.client.get("/?pin=4&state=on&for=5")
    assert board.client.put("/pins/4", {"state": "toggle"}).json == {
        "pin": 4,
        "name": "relay",
        "state": "off",
    }


def test_toggle_of_a_pwm_pin(board: Board) -> None:
    board.client.get("/?pin=fan&duty=300")
    assert board.client.put("/pins/fan", {"state": "toggle"}).json["duty"] == 0
    assert board.client.put("/pins/fan", {"state": "toggle"}).json["state"] == "on"
    board.client.get("/?pin=fan&state=off")


@table(
    Row("GET /?pin=4&state=toggle", 405, error("toggle_by_get", "state", ["on", "off"])),
    Row("HEAD /?pin=4&state=toggle", 405),
    Row("GET /?pin=4&state=toggle&for=5", 405, {"code": "toggle_by_get"}),
)
def test_a_link_does_not_toggle(board: Board, row: Row) -> None:
    """A browser opens links again by itself, and a garage door would move each time."""
    with board.unmoved():
        assert row.check(board.client).allow == {"POST", "PUT"}


def test_config_can_allow_it(built: None) -> None:
    with Board(PINS=PINS, TOGGLE_BY_GET=True) as board:
        assert board.client.get("/?pin=4&state=toggle").json["state"] == "on"
        assert board.client.ask("HEAD", "/?pin=4&state=toggle").status == 200
        assert board.client.get("/?pin=4").json["state"] == "on"
        assert board.client.get("/?pin=4&state=toggle").json["state"] == "off"
        assert board.levels(4) == [0, 1, 0]


strict_board = board_with(PINS=PINS, CHANGE_BY_GET=False, TOGGLE_BY_GET=True)


class TestNoChangeByGet:
    """config.CHANGE_BY_GET = False closes the door of hidden frames and fetches."""

    @table(
        Row("GET /?pin=4&state=on", 405, {"code": "not_by_get"}),
        Row("GET /?pin=4&state=off", 405, {"code": "not_by_get"}),
        Row("GET /?pin=4&state=toggle", 405, {"code": "not_by_get"}),
        Row("GET /?pin=4&state=on&for=5", 405, {"code": "not_by_get"}),
        Row("GET /?pin=13&duty=5", 405, {"code": "not_by_get"}),
        Row("GET /?pin=13&freq=5", 405, {"code": "not_by_get"}),
        Row("HEAD /?pin=4&state=on", 405),
    )
    def test_get_is_refused(self, strict_board: Board, row: Row) -> None:
        with strict_board.unmoved():
            assert row.check(strict_board.client).allow == {"POST", "PUT"}

    @table(
        Row("PUT /pins/4", 200, {"state": "on"}, b'{"state": "on"}', JSON),
        Row("POST /", 200, {"state": "off"}, b"pin=4&state=off", FORM),
        Row("POST /?pin=4&state=on", 200, {"state": "on"}, b""),
        Row("GET /?pin=4", 200, {"state": "on"}),
        Row("GET /pins/4", 200, {"state": "on"}),
    )
    def test_the_rest_works(self, strict_board: Board, row: Row) -> None:
        row.check(strict_board.client)

    def test_what_is_wrong_anyway_says_so_first(self, strict_board: Board) -> None:
        assert_refused(strict_board, Row("GET /?pin=99&state=on", 404, {"code": "no_such_pin"}))
