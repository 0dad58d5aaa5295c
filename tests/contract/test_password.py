"""config.PASSWORD: who knows it gets in, and nothing ever shows it."""

import base64
from collections.abc import Mapping

import pytest

from tests.contract.rows import JSON, Row, ask_at_once, assert_refused, table
from tests.support.boards import Board, board_with
from tests.support.http import Answer, Client

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


def test_token_alone_opens_the_page(board: Board) -> None:
    answer = board.client.get(f"/?token={ENCODED}")
    assert answer.status == 200
    assert (answer.header("Content-Type") or "").startswith("text/html")


def test_headers_that_do_not(board: Board) -> None:
    rows = [Row("GET /?pin=4&state=on", 401, {}, None, headers) for headers in BAD]
    with board.unmoved():
        answers = ask_at_once(board.client, rows)
    assert_unauthorized(answers)


def assert_unauthorized(answers: list[Answer]) -> None:
    """Each is 401, says so in JSON, and asks for the password (RFC 9110, 11.6.1)."""
    for answer in answers:
        assert (answer.status, answer.error["code"]) == (401, "unauthorized")
        assert (answer.header("WWW-Authenticate") or "").startswith("Basic ")


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
def test_tokens_that_open(board: Board, row: Row) -> None:
    """For links that cannot send a header."""
    row.check(board.client)


WRONG_TOKENS = ("wrong", "", "%00", f"{ENCODED}%00", f"{ENCODED}%20", ENCODED[:-3])
WITHOUT = [
    *("GET /", "GET /pins", "GET /pins/4", "GET /pins/99", "GET /status", "GET /log", "DELETE /"),
    *("GET /nothing", "POST /restart", "GET /?pin=99", "GET /wifi", "POST /wifi", "POST /"),
]


def test_tokens_that_do_not(board: Board) -> None:
    rows = [Row(f"GET /?pin=4&state=on&token={token}", 401) for token in WRONG_TOKENS]
    # a wrong token is not made good by a right header
    rows.append(Row("GET /?pin=4&state=on&token=wrong", 401, {}, None, bearer(SECRET)))
    with board.unmoved():
        assert_unauthorized(ask_at_once(board.client, rows))


@table(
    Row("GET /?pin=4&state=on&token", 400, {"param": "token"}),
    Row(f"GET /?pin=4&state=on&token={ENCODED}&token=x", 400, {"code": "repeated"}),
    Row("GET /?pin=4&state=on&token=%zz", 400, {"code": "bad_encoding", "param": "token"}),
)
def test_tokens_that_are_none(board: Board, row: Row) -> None:
    assert_refused(board, row)


def test_without_it_nothing_tells_what_there_is(board: Board) -> None:
    rows = [Row(request, 401, {}, b"") for request in WITHOUT]
    rows.append(Row("PUT /pins/4", 401, {}, b'{"state": "on"}', JSON))
    with board.unmoved():
        assert_unauthorized([row.ask(board.client) for row in rows])


def test_a_phone_needs_it_too(board: Board) -> None:
    assert board.phone.get("/status").status == 401
    assert board.phone.get("/status", bearer(SECRET)).status == 200


def test_the_next_request_needs_it_again(board: Board) -> None:
    assert board.client.get("/status", bearer(SECRET)).status == 200
    assert board.client.get("/status").status == 401


def test_no_answer_and_no_line_ever_shows_it(board: Board) -> None:
    """Neither the right one nor one that was tried, in whatever form it came."""
    tried = "my-other-password"
    targets = ("/status", "/log", "/pins", "/?pin=4", "/?pin=x", "/nothing")
    rows = [
        Row(f"GET {target}", 0, {}, None, headers)
        for target in targets
        for headers in (basic(SECRET), bearer(SECRET))
    ]
    rows += [Row("GET /pins", 0, {}, None, headers) for headers in (basic(tried), bearer(tried))]
    queries = (f"token={tried}&x=1", f"token={tried}%zz", f"token={ENCODED}&x=1", f"x={tried}")
    rows += [Row(f"GET /?{query}", 0) for query in queries]
    answers = ask_at_once(board.client, rows)
    answers.append(board.client.get("/log", bearer(SECRET)))
    shown = "\n".join(board.lines) + "".join(f"{each.headers} {each.body!r}" for each in answers)
    forms = (SECRET, ENCODED, tried, basic(SECRET)["Authorization"], basic(tried)["Authorization"])
    assert not [form for form in forms if form in shown]


def test_wrong_ones_are_slowed_down_without_blocking_others(board: Board) -> None:
    """While a wrong password waits for its answer, who knows it is served at once."""
    with board.client.connect() as slow:
        slow.sendall(b"GET /status?token=wrong HTTP/1.0\r\n\r\n")
        assert board.client.get("/?pin=4", bearer(SECRET)).status == 200
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.recv(1)


@pytest.mark.parametrize("password", [5, "", "x" * 65])
def test_an_unusable_one_lets_nobody_in(built: None, password: object) -> None:
    """Better locked than open by a typing mistake; the console says why."""
    with Board(PINS=PINS, PASSWORD=password) as board:
        tries = [{}, bearer(""), basic(""), bearer(str(password)), basic("None"), bearer("False")]
        rows = [Row("GET /?pin=4&state=on", 401, {}, None, headers) for headers in tries]
        assert_unauthorized(ask_at_once(board.client, rows))
        assert board.levels(4) == [0]
        board.wait_line("PASSWORD: .*text of 1 to 64 bytes")


def test_without_one_anybody_may(built: None, shipped: Board) -> None:
    """As in the original article; what is sent all the same is not looked at."""
    client: Client = shipped.client
    for headers in ({}, bearer("x"), basic("x")):
        assert client.get("/?pin=2", headers).status == 200
    assert client.get("/?pin=2&token=x").status == 200
