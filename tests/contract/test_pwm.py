"""PWM: duty, the one frequency that all pins share, and states on such pins."""

from tests.contract.rows import FORM, JSON, Row, assert_refused, error, table
from tests.support.boards import Board, board_with

board = board_with(
    PINS=[
        {"pin": 4, "mode": "pwm", "name": "fan"},
        {"pin": 12, "mode": "pwm", "name": "lamp", "active_low": True},
        {"pin": 13, "mode": "pwm", "name": "shown", "read_only": True},
        {"pin": 5, "mode": "out", "name": "relay"},
        {"pin": 14, "mode": "in", "name": "button"},
    ]
)


@table(
    Row("GET /?pin=4&duty=512", 200, {"pin": 4, "name": "fan", "state": "on", "duty": 512}),
    Row("GET /?pin=4&duty=0", 200, {"state": "off", "duty": 0}),
    Row("GET /?pin=4&duty=1023", 200, {"state": "on", "duty": 1023}),
    Row("GET /?pin=4&duty=100&freq=250", 200, {"duty": 100, "freq": 250}),
    Row("GET /?pin=4&freq=1", 200, {"duty": 100, "freq": 1}),
    Row("GET /?pin=4&freq=1000", 200, {"duty": 100, "freq": 1000}),
    Row("PUT /pins/fan", 200, {"duty": 7, "freq": 500}, b'{"duty": 7, "freq": 500}', JSON),
    Row("PUT /pins/fan", 200, {"duty": 8}, b'{"duty": "8"}', JSON),
    Row("POST /", 200, {"duty": 9, "freq": 20}, b"pin=fan&duty=9&freq=20", FORM),
    Row("GET /?pin=4&state=on", 200, {"state": "on", "duty": 1023}),
    Row("GET /?pin=4&state=off", 200, {"state": "off", "duty": 0}),
)
def test_set_and_read_back(board: Board, row: Row) -> None:
    """What the answer says is what a meter shows, and what is read afterwards."""
    answer = row.check(board.client).json
    pad = board.pads()["4"]
    assert (pad["mode"], pad["duty"], pad["freq"]) == ("pwm", answer["duty"], answer["freq"])
    assert board.client.get("/?pin=4").json == answer
    assert set(answer) == {"pin", "name", "state", "duty", "freq"}


def test_duty_of_an_active_low_pin_is_turned_round(board: Board) -> None:
    for duty, raw in ((0, 1023), (1023, 0), (1000, 23)):
        assert board.client.get(f"/?pin=lamp&duty={duty}").json["duty"] == duty
        assert board.pads()["12"]["duty"] == raw
    assert board.client.get("/?pin=lamp&state=off").json["state"] == "off"
    assert board.pads()["12"]["duty"] == 1023


def test_one_frequency_for_all(board: Board) -> None:
    """The chip has one; the answer for each pin tells what it is now."""
    board.client.get("/?pin=4&duty=10&freq=100")
    board.client.get("/?pin=12&duty=10&freq=200")
    assert board.client.get("/?pin=4").json["freq"] == 200
    assert board.client.get("/pins/4").json["freq"] == 200
    assert board.pads()["4"]["freq"] == 200


def test_head_sets_nothing(board: Board) -> None:
    board.client.get("/?pin=4&duty=10&freq=100")
    with board.unmoved():
        assert board.client.ask("HEAD", "/?pin=4&duty=99&freq=300").status == 200
    assert board.client.get("/?pin=4").json["duty"] == 10


@table(
    *(Row(f"GET /?pin=4&duty={text}", 400, {"code": "bad_number", "param": "duty"})
      for text in ("", "-1", "1024", "5.5", "x", "0x10", "99999999999", "%20" "5", "1_0", "on")),
    *(Row(f"GET /?pin=4&freq={text}", 400, {"code": "bad_number", "param": "freq"})
      for text in ("", "0", "-1", "1001", "50.5", "x", "1e2")),
    *(Row("PUT /pins/4", 400, {"code": "bad_number", "param": "duty"}, b'{"duty": %s}' % value,
          JSON)
      for value in (b"1024", b"-1", b"0.5", b"true", b'"x"', b"[]", b"{}", b"null", b"1e99")),
    Row("GET /?pin=4&duty=5&freq=0", 400, {"code": "bad_number", "param": "freq"}),
    Row("GET /?pin=4&duty=5&duty=6", 400, error("repeated", "duty")),
    Row("GET /?pin=4&duty", 400, error("missing_value", "duty")),
    Row("GET /?pin=4&duty=5&state=on", 400, {"code": "bad_mix"}),
    Row("GET /?pin=4&freq=5&state=off", 400, {"code": "bad_mix"}),
    Row("PUT /pins/4", 400, {"code": "bad_mix"}, b'{"state": "on", "duty": 5}', JSON),
    Row("GET /?pin=4&duty=5&for=5", 400, {"param": "state"}),
    Row("GET /?pin=4&state=on&for=5", 400, error("for_not_here", "for")),
    Row("GET /?pin=5&duty=5", 409, error("not_pwm", "pin")),
    Row("GET /?pin=5&freq=5", 409, error("not_pwm", "pin")),
    Row("GET /?pin=14&duty=5", 409, {"param": "pin"}),
    Row("GET /?pin=13&duty=5", 403, error("read_only", "pin")),
    Row("GET /?pin=13&freq=5", 403, error("read_only", "pin")),
    Row("GET /?pin=13&state=on", 403, error("read_only", "pin")),
)  # fmt: skip
def test_what_is_refused(board: Board, row: Row) -> None:
    """No pin moves, and the shared frequency stays."""
    before = board.client.get("/?pin=4").json
    assert_refused(board, row)
    assert board.client.get("/?pin=4").json == before
