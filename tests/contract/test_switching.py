"""The one URL that everything starts from, on a board as shipped; also on a real one by --url."""

from collections.abc import Iterator

import pytest

from tests.contract.rows import FORM, JSON, Row, table
from tests.support.boards import Board, RealBoard
from tests.support.http import Answer

AnyBoard = Board | RealBoard
LED = {"pin": 2, "name": "led"}
LED_ON, LED_OFF = LED | {"state": "on"}, LED | {"state": "off"}


@pytest.fixture
def board(shipped: AnyBoard) -> Iterator[AnyBoard]:
    """The LED is off before each test, and after it."""
    shipped.client.get("/?pin=2&state=off")
    yield shipped
    shipped.client.get("/?pin=2&state=off")


@table(
    Row("GET /?pin=2&state=on", 200, LED_ON),
    Row("GET /?pin=2&state=off", 200, LED_OFF),
    Row("GET /?pin=2&state=1", 200, LED_ON),
    Row("GET /?pin=2&state=0", 200, LED_OFF),
    Row("GET /?state=on&pin=2", 200, LED_ON),
    Row("GET /?pin=D4&state=on", 200, LED_ON),
    Row("GET /?pin=led&state=on", 200, LED_ON),
    Row("GET /?&pin=2&&state=on&", 200, LED_ON),
    Row("GET /?pin=%32&state=%6f%6E", 200, LED_ON),
    Row("GET /?%70in=led&state=on", 200, LED_ON),
    Row("POST /?pin=2&state=on", 200, LED_ON, b""),
    Row("POST /", 200, LED_ON, b"pin=2&state=on", FORM),
    Row("POST /?pin=2", 200, LED_ON, b"state=on", FORM),
    Row("POST /", 200, LED_ON, b"pin=l%65d&state=on", FORM),
    Row("POST /", 200, LED_ON, b"pin=2&state=on", {"Content-Type": FORM["Content-Type"] + ";q=1"}),
    Row("PUT /pins/2", 200, LED_ON, b'{"state": "on"}', JSON),
    Row("PUT /pins/D4", 200, LED_ON, b'{"state": "1"}', JSON),
    Row("PUT /pins/led", 200, LED_ON, b' {\n"state" : "\\u006fn"}', JSON),
    Row("PUT /pins/led", 200, LED_ON, b'{"state": "on"}', {"content-type": "Application/JSON"}),
)
def test_switch_and_read_back(board: AnyBoard, row: Row) -> None:
    answer = row.check(board.client)
    assert answer.json == row.part
    for name in ("2", "D4", "led"):
        assert board.client.get(f"/?pin={name}").json == row.part


def test_the_leds_level_is_the_other_way_round(board: Board) -> None:
    """GPIO2's LED lights when its pin is low."""
    seen = len(board.levels(2))
    board.client.get("/?pin=2&state=on")
    assert board.level(2) == 0
    board.client.get("/?pin=2&state=off")
    assert board.levels(2)[seen:] == [0, 1]


def test_switching_on_twice_changes_nothing_the_second_time(board: Board) -> None:
    board.client.get("/?pin=2&state=on")
    with board.unmoved():
        assert board.client.get("/?pin=2&state=on").json == LED_ON


@table(
    Row("GET /?pin=2", 200, LED_OFF),
    Row("POST /?pin=2", 200, LED_OFF, b""),
    Row("GET /pins/2", 200, LED_OFF),
    Row("GET /pins/D4", 200, LED_OFF),
    Row("GET /pins/%6ced", 200, LED_OFF),
    Row("GET /?pin=A0", 200, {"name": "A0"}),
    Row("GET /pins/A0", 200, {"name": "A0", "mode": "analog"}),
)
def test_reading_changes_nothing(board: AnyBoard, row: Row) -> None:
    with board.unmoved():
        row.check(board.client)


@pytest.mark.parametrize("number", [2, 4, 5, 12, 13, 14, 10])
def test_the_articles_urls(board: AnyBoard, number: int) -> None:
    """`http://192.168.4.1/?pin=10&state=on` of the article works with config.py as shipped."""
    for state in ("on", "off"):
        answer = board.client.get(f"/?pin={number}&state={state}").json
        assert (answer["pin"], answer["state"]) == (number, state)


def test_gpio_10_is_driven(board: Board) -> None:
    """It is active-high, and its flash header says DIO."""
    board.client.get("/?pin=10&state=on")
    assert board.level(10) == 1
    board.client.get("/?pin=10&state=off")
    assert board.level(10) == 0


@pytest.mark.parametrize(
    "target",
    ["/?pin=2&state=on", "/?pin=2", "/pins/2", "/status", "/log", "/?pin=99", "/nothing", "/?pin="],
)
def test_head_answers_as_get_would_and_moves_nothing(board: AnyBoard, target: str) -> None:
    with board.unmoved():
        head = board.client.ask("HEAD", target)
    got = board.client.get(target)
    assert head.status == got.status
    assert head.body == b""
    assert without_length(head) == without_length(got)
    if target in ("/status", "/log"):  # they grow between the two
        assert head.header("Content-Length")
    else:
        assert head.header("Content-Length") == got.header("Content-Length")


def without_length(answer: Answer) -> list[tuple[str, str]]:
    return [header for header in answer.headers if header[0] != "Content-Length"]


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("/", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/?pin=2&state=on", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/pins", {"GET", "HEAD", "OPTIONS"}),
        ("/pins/2", {"GET", "HEAD", "PUT", "OPTIONS"}),
        ("/status", {"GET", "HEAD", "OPTIONS"}),
        ("/log", {"GET", "HEAD", "OPTIONS"}),
        ("/wifi", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/openapi.json", {"GET", "HEAD", "OPTIONS"}),
        ("/restart", {"POST", "OPTIONS"}),
    ],
)
def test_options_tells_the_methods_and_moves_nothing(
    board: AnyBoard, target: str, allowed: set[str]
) -> None:
    with board.unmoved():
        answer = board.client.ask("OPTIONS", target)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.allow == allowed


def test_options_of_the_whole_server(board: AnyBoard) -> None:
    """RFC 9112, 3.2.4: the asterisk-form."""
    answer = board.client.ask("OPTIONS", "*")
    assert answer.status == 204
    assert {"GET", "HEAD", "POST", "PUT", "OPTIONS"} <= answer.allow


@pytest.mark.parametrize("target", ["/?pin=2&state=off", "/pins", "/pins/2", "/status", "/log"])
def test_answers_are_json_and_not_kept(board: AnyBoard, target: str) -> None:
    answer = board.client.get(target)
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("Cache-Control") == "no-store"
    assert isinstance(answer.json, dict)


def test_a_short_answer_fits_one_segment_and_leaves_in_one_write(board: Board) -> None:
    """lwIP's segments carry 536 bytes on the chip."""
    board.client.get("/?pin=2&state=on")
    record = board.wait_connection(request="GET /?pin=2&state=on HTTP/1.1")
    assert record["writes"] == 1
    assert record["bytes_out"] <= 536


def test_whatever_fits_the_send_buffer_left_in_one_write(board: Board) -> None:
    """Of all that this board answered in these tests, errors included."""
    records = board.control(net=None)["net"]["connections"]
    short = [each for each in records if each["status"] and each["bytes_out"] <= 1072]
    assert len(short) > 50
    assert [each for each in short if each["writes"] not in (1, None)] == []
