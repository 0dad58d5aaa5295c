"""config.PASSWORD: who knows it gets in, and nothing ever shows it."""

import base64
from collections.abc import Mapping

import pytest

from tests.contract.rows import JSON, Row, assert_refused, table
from tests.support.boards import Board, board_with
from tests.support.http import Client

SECRET = "open: sésame & 100%+"
ENCODED = "open%3A+s%C3%A9same+%26+100%25%2B"
PINS = [{"pin": 4, "mode": "out", "name": "relay"}]

board = board_with(PINS=PINS, PASSWORD=SECRET)


def basic(password: str, user: str = "") -> dict[str, str]:
    """RFC 7617, in UTF-8 as the board's challenge asks for."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def bearer(password: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {password}"}


GOOD: list[Mapping[str, str]] = [
    basic(SECRET),
    basic(SECRET, "anybody"),
    basic(SECRET, "pi"),
    {"Authorization": basic(SECRET)["Authorization"].replace("Basic", "basic")},
    {"authorization": basic(SECRET)["Authorization"]},
    bearer(SECRET),
    {"Authorization": f"bearer {SECRET}"},
]
BAD: list[Mapping[str, str]] = [
    {},
    basic(""),
    basic("wrong"),
    basic(SECRET[:-1]),
    basic(SECRET + "x"),
    basic(SECRET.upper()),
    basic("wrong", SECRET),
    bearer(""),
    bearer("wrong"),
    bearer(SECRET[1:]),
    {"Authorization": SECRET},
    {"Authorization": "Basic"},
    {"Authorization": "Basic !!!"},
    {"Authorization": "Basic " + base64.b64encode(SECRET.encode()[:4]).decode()},
    {"Authorization": f"Digest {SECRET}"},
]


@pytest.mark.parametrize("headers", GOOD, ids=str)
def test_header_that_opens(board: Board, headers: Mapping[str, str]) -> None:
    for target in ("/?pin=4&state=on", "/?pin=4&state=off", "/pins", "/status", "/log"):
        assert board.client.get(target, headers).status == 200


@pytest.mark.parametrize("headers", BAD, ids=str)
def test_header_that_does_not(board: Board, headers: Mapping[str, str]) -> None:
    row = Row("GET /?pin=4&state=on", 401, {"code": "unauthorized"}, None, headers)
    assert_refused(board, row)


@table(
    Row(f"GET /?pin=4&state=on&token={ENCODED}", 200, {"state": "on"}),
    Row(f"GET /?token={ENCODED}&pin=4&state=off", 200, {"state": "off"}),
    Row(f"GET /pins?token={ENCODED}", 200),
    Row(f"GET /pins/relay?token={ENCODED}", 200, {"name": "relay"}),
    Row(f"GET /status?token={ENCODED}", 200),
    Row(f"GET /log?token={ENCODED}", 200),
    Row(f"PUT /pins/4?token={ENCODED}", 200, {"state": "on"}, b'{"state": "on"}', JSON),
    Row(f"POST /?pin=4&state=off&token={ENCODED}", 200, {"state": "off"}, b""),
)
def test_token_that_opens(board: Board, row: Row) -> None:
    """For links that cannot send a header."""
    row.check(board.client)


@table(
    Row("GET /?pin=4&state=on&token=wrong", 401, {"code": "unauthorized"}),
    Row("GET /?pin=4&state=on&token=", 401, {"code": "unauthorized"}),
    Row("GET /?pin=4&state=on&token=%00", 401, {"code": "unauthorized"}),
    Row(f"GET /?pin=4&state=on&token={ENCODED}%00", 401, {"code": "unauthorized"}),
    Row("GET /?pin=4&state=on&token", 400, {"param": "token"}),
    Row(f"GET /?pin=4&state=on&token={ENCODED}&token=x", 400, {"code": "repeated"}),
    Row("GET /?pin=4&state=on&token=%zz", 400, {"code": "bad_encoding", "param": "token"}),
    # a wrong token is not made good by a right header, nor the other way round
    Row("GET /?pin=4&state=on&token=wrong", 401, {}, None, bearer(SECRET)),
    # without the password nothing tells what there is
    *(Row(request, 401, {"code": "unauthorized"}, b"") for request in (
        "GET /", "GET /pins", "GET /pins/4", "GET /pins/99", "GET /status", "GET /log",
        "GET /nothing", "POST /restart", "DELETE /", "GET /?pin=99", "GET /wifi", "POST /wifi",
        "POST /",
    )),
    Row("PUT /pins/4", 401, {"code": "unauthorized"}, b'{"state": "on"}', JSON),
)  # fmt: skip
def test_token_that_does_not(board: Board, row: Row) -> None:
    with board.unmoved():
        answer = row.check(board.client)
    challenge = answer.header("WWW-Authenticate") or ""
    assert challenge.startswith("Basic ") == (row.status == 401)


def test_a_phone_needs_it_too(board: Board) -> None:
    assert board.phone.get("/status").status == 401
    assert board.phone.get("/status", bearer(SECRET)).status == 200


def test_the_next_request_needs_it_again(board: Board) -> None:
    assert board.client.get("/status", bearer(SECRET)).status == 200
    assert board.client.get("/status").status == 401


def test_no_answer_and_no_line_ever_shows_it(board: Board) -> None:
    """Neither the right one nor one that was tried, in whatever form it came."""
    tried = "my-other-password"
    shown = ""
    for password in (SECRET, tried):
        for headers in (basic(password), bearer(password)):
            for target in ("/status", "/log", "/pins", "/?pin=4", "/?pin=x", "/nothing"):
                answer = board.client.get(target, headers)
                shown += f"{answer.headers} {answer.body.decode()}"
    for query in (f"token={tried}&x=1", f"token={tried}%zz", f"token={ENCODED}&x=1", f"x={tried}"):
        shown += board.client.get(f"/?{query}").body.decode()
    shown += board.client.get("/log", bearer(SECRET)).body.decode()
    shown += "\n".join(board.lines)
    forms = (SECRET, ENCODED, tried, basic(SECRET)["Authorization"], basic(tried)["Authorization"])
    for form in forms:
        assert form not in shown


def test_wrong_ones_are_slowed_down_without_blocking_others(board: Board) -> None:
    """While a wrong password waits for its answer, who knows it is served at once."""
    with board.client.connect() as slow:
        slow.sendall(b"GET /status?token=wrong HTTP/1.0\r\n\r\n")
        assert board.client.get("/?pin=4", bearer(SECRET)).status == 200
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(1)


@pytest.mark.parametrize("password", [5, "", "x" * 65, ["a"], b"bytes"])
def test_an_unusable_one_lets_nobody_in(built: None, password: object) -> None:
    """Better locked than open by a typing mistake; the console says why."""
    with Board(PINS=PINS, PASSWORD=password) as board:
        tries = [{}, bearer(""), basic(""), bearer(str(password)), basic("None"), bearer("False")]
        assert {board.client.get("/?pin=4&state=on", each).status for each in tries} == {401}
        assert board.levels(4) == [0]
        board.wait_line("PASSWORD: .*text of 1 to 64 bytes")


def test_without_one_anybody_may(built: None, shipped: Board) -> None:
    """As in the original article; what is sent all the same is not looked at."""
    client: Client = shipped.client
    for headers in ({}, bearer("x"), basic("x")):
        assert client.get("/?pin=2", headers).status == 200
    assert client.get("/?pin=2&token=x").status == 200
