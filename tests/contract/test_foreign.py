"""What a browser can be made to send by somebody else: other pages, images, names, prefetches."""

import pytest

from tests.contract.rows import FORM, JSON, Row, assert_refused, table
from tests.support.boards import Board, board_with

PINS = [{"pin": 4, "mode": "out"}, {"pin": 12, "mode": "pwm"}]
# Clients come by the station: those of the access point are led to the page (tests/wifi).
WIFI = [("home", "for-the-test")]
board = board_with(PINS=PINS, HOSTNAME="Shed-1", HOSTS=["relay.example.org"], WIFI=WIFI)

OWN = "shed-1.local"


def changing(headers: dict[str, str]) -> list[Row]:
    """Every kind of request that would change something, with these headers."""
    return [
        Row("GET /?pin=4&state=on", 200, {}, None, headers),
        Row("GET /?pin=4&state=on&for=5", 200, {}, None, headers),
        Row("GET /?pin=12&duty=5", 200, {}, None, headers),
        Row("POST /?pin=4&state=on", 200, {}, b"", headers),
        Row("POST /", 200, {}, b"pin=4&state=toggle", headers | FORM),
        Row("PUT /pins/4", 200, {}, b'{"state": "on"}', headers | JSON),
    ]


READING = ["/?pin=4", "/pins", "/pins/4", "/status", "/log"]

FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://shed-1.local.evil.example"},
    {"Origin": "http://shed-1.local:8080"},
    {"Origin": "http://shed-1.local@evil.example"},
    {"Origin": "shed-1.local"},
    {"Referer": "http://evil.example/page.html"},
    {"Referer": "http://evil.example/?x=http://shed-1.local/"},
    {"Referer": "http://evil.example#http://shed-1.local/"},
    {"Referer": "about:blank"},
    {"Referer": f"http://{OWN}/", "Origin": "http://evil.example"},
]
FRIENDLY = [
    {},
    {"Origin": f"http://{OWN}"},
    {"Origin": f"http://{OWN.upper()}"},
    {"Referer": f"http://{OWN}/"},
    {"Referer": f"http://{OWN}/?pin=4"},
    {"Referer": f"http://{OWN}"},
    {"Referer": "http://evil.example/", "Origin": f"http://{OWN}"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_changes_nothing(board: Board, headers: dict[str, str]) -> None:
    for row in changing({"Host": OWN, **headers}):
        with board.unmoved():
            answer = row.ask(board.client)
        assert (answer.status, answer.error["code"]) == (403, "foreign_page"), row


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_may_read(board: Board, headers: dict[str, str]) -> None:
    """The browser keeps the answer from it: the board sends no Access-Control headers."""
    for target in READING:
        answer = board.client.get(target, {"Host": OWN, **headers})
        assert answer.status == 200
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


@pytest.mark.parametrize("headers", FRIENDLY, ids=str)
def test_our_own_page_curl_and_typed_urls_may(board: Board, headers: dict[str, str]) -> None:
    for row in changing({"Host": OWN, **headers}):
        row.check(board.client)


IMAGE = {"Accept": "image/avif,image/webp,image/apng,*/*;q=0.8"}  # Chromium's for <img>


@pytest.mark.parametrize(
    "headers", [IMAGE, {"Accept": "IMAGE/*"}, {"accept": "image/png"}], ids=str
)
def test_an_image_changes_nothing(board: Board, headers: dict[str, str]) -> None:
    """A page can hide where it comes from, but not that it asks for an image."""
    for row in changing(headers)[:3]:
        with board.unmoved():
            answer = row.ask(board.client)
        assert (answer.status, answer.error["code"]) == (403, "foreign_page"), row
        assert board.client.ask("HEAD", row.request[4:], headers=headers).status == 403
    for target in READING:
        assert board.client.get(target, headers).status == 200


PREFETCHES = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"x-moz": "Prefetch"},
]


@pytest.mark.parametrize("headers", PREFETCHES, ids=str)
def test_a_prefetch_changes_nothing(board: Board, headers: dict[str, str]) -> None:
    for row in changing(headers)[:3]:
        with board.unmoved():
            answer = row.ask(board.client)
        assert (answer.status, answer.error["code"]) == (503, "prefetch")
        assert (answer.header("Retry-After") or "").isdigit()
    for target in READING:
        assert board.client.get(target, headers).status == 200


def test_other_purposes_are_no_prefetch(board: Board) -> None:
    assert board.client.get("/?pin=4&state=off", {"Purpose": "preview"}).status == 200


HOSTS_TAKEN = [
    *("127.0.0.1", "192.168.4.1", "192.168.1.50:80", "10.0.0.255", "[::1]", "[fe80::1]:80"),
    *("localhost", "LocalHost:8080", "relay.example.org", "Relay.Example.org:80"),
    *("shed-1", "SHED-1", "shed-1:80", "shed-1.", "shed-1.local", "Shed-1.Local", "shed-1.local."),
    *(f"shed-1.{suffix}" for suffix in ("lan", "home", "home.arpa", "fritz.box", "localdomain")),
]
HOSTS_REFUSED = [
    *("evil.example", "evil", "local", "picopin", "picopin.local", "shed-2.local"),
    *("shed-1.example", "shed-1.local.evil.example", "evil.local", "xshed-1", "shed-1x.local"),
    *("x.shed-1.local", "org", "example.org", "x.relay.example.org"),
    *("127.0.0.1.evil.example", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.x", "0x7f.0.0.1"),
    *("localhost.evil.example", "evil.example:80", "a@shed-1.local", "shed-1.local/x"),
]


@pytest.mark.parametrize("host", HOSTS_TAKEN)
def test_a_host_that_is_the_board(board: Board, host: str) -> None:
    assert board.client.get("/?pin=4&state=on", {"Host": host}).status == 200


@pytest.mark.parametrize("host", HOSTS_REFUSED)
def test_a_host_that_may_be_a_rebinding_attack(board: Board, host: str) -> None:
    """It may not read either: to the browser such a page is the board's own."""
    board.client.get("/?pin=4&state=off")
    assert_refused(board, Row("GET /?pin=4&state=on", 403, {}, None, {"Host": host}))
    for target in READING:
        answer = board.client.get(target, {"Host": host})
        assert (answer.status, answer.error["code"]) == (403, "foreign_host")
    assert board.client.get("/?pin=4&state=off", {"Host": OWN}).status == 200


@pytest.mark.parametrize("host", [b"\xff", b"?"])
def test_a_host_that_is_no_name(board: Board, host: bytes) -> None:
    with board.unmoved():
        answer = board.client.send(b"GET /?pin=4&state=on HTTP/1.1\r\nHost: %s\r\n\r\n" % host)
    assert (answer.status, answer.error["code"]) == (403, "foreign_host")


def test_the_host_of_an_absolute_target_counts(board: Board) -> None:
    """RFC 9112, 3.2.2: it replaces the Host header."""
    ask = board.client.ask
    assert ask("GET", f"http://{OWN}/?pin=4", headers={"Host": "evil.example"}).status == 200
    assert ask("GET", "http://evil.example/?pin=4", headers={"Host": OWN}).status == 403


@table(
    *(Row("POST /restart", 403, {"code": "foreign_page"}, b"", headers)
      for headers in ({"Origin": "http://evil.example"}, {"Referer": "http://evil.example/"})),
)  # fmt: skip
def test_a_foreign_page_does_not_restart_it(board: Board, row: Row) -> None:
    life = board.life
    row.check(board.client)
    assert (board.client.get("/status").status, board.life) == (200, life)
