"""One row for each way to frame a request wrongly, or oddly: the answer, and its RFC's section.

Sections are those of RFC 9112 unless another RFC is named. After each row the next request on a
new connection is answered, and no pin has moved that should not.
"""

import re
from dataclasses import dataclass

import pytest

from tests.attack.siege import State, counted, heard, outcome
from tests.support.boards import Board

HOST = b"Host: 127.0.0.1\r\n"
ON = b"/?pin=2&state=on"
JSON = b"Content-Type: application/json\r\n"
BODY = b'{"state": "on"}'
CHUNKED = b'f\r\n{"state": "on"}\r\n0\r\n\r\n'


@dataclass(frozen=True)
class Row:
    """What is sent, and what must come of it."""

    name: str
    section: str
    request: bytes
    status: int
    code: str = ""


def get(line_end: bytes = b"\r\n", version: bytes = b"HTTP/1.1", *headers: bytes) -> bytes:
    lines = [b"GET %s %s" % (ON, version), b"Host: 127.0.0.1", *headers, b"", b""]
    return line_end.join(lines)


def with_header(line: bytes) -> bytes:
    return b"GET %s HTTP/1.1\r\n%s%s\r\n\r\n" % (ON, HOST, line)


def with_line(line: bytes) -> bytes:
    return line + b"\r\n" + HOST + b"\r\n"


def put(headers: bytes, body: bytes = BODY) -> bytes:
    return b"PUT /pins/2 HTTP/1.1\r\n" + HOST + JSON + headers + b"\r\n" + body


TAKEN = [
    Row("as it should be", "2.1", get(), 200),
    Row("LF alone", "2.2", get(b"\n"), 200),
    Row("LF alone in some lines", "2.2", b"GET /?pin=2 HTTP/1.1\r\nHost: 127.0.0.1\n\r\n", 200),
    Row("an empty line first", "2.2", b"\r\n" + get(), 200),
    Row("HTTP/1.0 without Host", "3.2", b"GET %s HTTP/1.0\r\n\r\n" % ON, 200),
    Row("absolute-form", "3.2.2", with_line(b"GET http://127.0.0.1%s HTTP/1.1" % ON), 200),
    Row("absolute-form, with port", "3.2.2",
        with_line(b"GET http://127.0.0.1:80/?pin=2 HTTP/1.1"), 200),
    Row("absolute-form in capitals", "3.2.2", with_line(b"GET HTTP://127.0.0.1/?pin=2 HTTP/1.1"),
        200),
    Row("asterisk-form", "3.2.4", with_line(b"OPTIONS * HTTP/1.1"), 204),
    Row("no space after the colon", "5.1", get(b"\r\n", b"HTTP/1.1", b"Accept:*/*"), 200),
    Row("spaces around a value", "5.1", get(b"\r\n", b"HTTP/1.1", b"Accept: \t */* \t"), 200),
    Row("an empty value", "5.1", get(b"\r\n", b"HTTP/1.1", b"X-Empty:"), 200),
    Row("names in any case", "RFC 9110, 5.1", b"GET %s HTTP/1.1\r\nhOST: 127.0.0.1\r\n\r\n" % ON,
        200),
    Row("a body with its length", "6.2", put(b"Content-Length: 15\r\n"), 200),
    Row("a GET with a body", "RFC 9110, 9.3.1", get()[:-2] + b"Content-Length: 4\r\n\r\nbody", 200),
    Row("Expect, and the body at once", "RFC 9110, 10.1.1",
        put(b"Content-Length: 15\r\nExpect: 100-continue\r\n"), 200),
    Row("a connection to be kept", "9.3", get(b"\r\n", b"HTTP/1.1", b"Connection: keep-alive"),
        200),
    Row("an upgrade that is not taken", "RFC 9110, 7.8",
        get(b"\r\n", b"HTTP/1.1", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), 200),
]  # fmt: skip

REFUSED = [
    # the request line
    Row("HTTP/0.9", "3", b"GET /?pin=2&state=on\r\n", 400, "bad_request_line"),
    Row("HTTP/2.0", "2.3", get(version=b"HTTP/2.0"), 505, "bad_version"),
    Row("HTTP/2's preface", "RFC 9113, 3.4", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Row("HTTP/1.2", "2.3", get(version=b"HTTP/1.2"), 505, "bad_version"),
    Row("HTTP/9.9", "2.3", get(version=b"HTTP/9.9"), 505, "bad_version"),
    Row("HTTP/1", "2.3", get(version=b"HTTP/1"), 400, "bad_request_line"),
    Row("http/1.1", "2.3", get(version=b"http/1.1"), 400, "bad_request_line"),
    Row("HTTP/1.1x", "2.3", get(version=b"HTTP/1.1x"), 400, "bad_request_line"),
    Row("HTTPS/1.1", "2.3", get(version=b"HTTPS/1.1"), 400, "bad_request_line"),
    Row("no version", "3", with_line(b"GET %s" % ON), 400, "bad_request_line"),
    Row("nothing but a method", "3", with_line(b"GET"), 400, "bad_request_line"),
    Row("one space too many", "3", with_line(b"GET  %s HTTP/1.1" % ON), 400, "bad_request_line"),
    Row("a tab for a space", "3", with_line(b"GET\t%s\tHTTP/1.1" % ON), 400),
    Row("a space in the URL", "3.2", with_line(b"GET /?pin=2& state=on HTTP/1.1"), 400,
        "bad_request_line"),
    Row("a space after the version", "3", with_line(b"GET %s HTTP/1.1 " % ON), 400),
    Row("a space before the method", "3", with_line(b" GET %s HTTP/1.1" % ON), 400),
    Row("a method that is no token", "3.1", with_line(b"G{T %s HTTP/1.1" % ON), 400),
    Row("a CR in the line", "2.2", with_line(b"GET %s\r HTTP/1.1" % ON), 400),
    Row("a URL without /", "3.2.1", with_line(b"GET ?pin=2&state=on HTTP/1.1"), 400, "bad_target"),
    Row("an asterisk to GET", "3.2.4", with_line(b"GET * HTTP/1.1"), 400, "bad_target"),
    Row("authority-form", "3.2.3", with_line(b"CONNECT 127.0.0.1:80 HTTP/1.1"), 400, "bad_target"),
    Row("another scheme", "3.2.2", with_line(b"GET ftp://127.0.0.1/ HTTP/1.1"), 400, "bad_target"),
    Row("a foreign absolute-form", "3.2.2", with_line(b"POST http://example.com%s HTTP/1.1" % ON),
        403, "foreign_host"),
    Row("bytes that are no UTF-8", "3.2", with_line(b"GET /\xff\xfe?pin=2&state=on HTTP/1.1"), 400),
    Row("a NUL in the URL", "3.2", with_line(b"GET /\0?pin=2&state=on HTTP/1.1"), 404),
    # header lines
    Row("no colon", "5", with_header(b"Accept"), 400, "bad_header"),
    Row("a space before the colon", "5.1", with_header(b"Accept : */*"), 400, "bad_header"),
    Row("a tab before the colon", "5.1", with_header(b"Accept\t: */*"), 400, "bad_header"),
    Row("no name", "5.1", with_header(b": */*"), 400, "bad_header"),
    Row("obs-fold", "5.2", with_header(b"X-Long: a\r\n b"), 400, "bad_header"),
    Row("obs-fold of a needed one", "5.2", with_header(b"Accept: a\r\n\tb"), 400, "bad_header"),
    Row("a space before the first header", "2.2",
        b"GET %s HTTP/1.1\r\n X: y\r\n%s\r\n" % (ON, HOST), 400, "bad_header"),
    # Host
    Row("no Host", "3.2", b"GET %s HTTP/1.1\r\n\r\n" % ON, 400, "no_host"),
    Row("Host twice", "3.2", b"GET %s HTTP/1.1\r\n%s%s\r\n" % (ON, HOST, HOST), 400),
    Row("two Hosts", "3.2", b"GET %s HTTP/1.1\r\n%sHost: evil\r\n\r\n" % (ON, HOST), 400),
    Row("a foreign Host", "3.2", b"POST %s HTTP/1.1\r\nHost: example.com\r\n\r\n" % ON, 403,
        "foreign_host"),
    # the body's length
    Row("Content-Length twice", "6.3", put(b"Content-Length: 15\r\nContent-Length: 15\r\n"), 400),
    Row("two lengths", "6.3", put(b"Content-Length: 15\r\nContent-Length: 16\r\n"), 400),
    Row("a list of lengths", "6.3", put(b"Content-Length: 15, 15\r\n"), 400, "bad_length"),
    *(Row(f"Content-Length: {text}", "RFC 9110, 8.6",
          put(b"Content-Length: %s\r\n" % text.encode()), 400, "bad_length") for text in (
        "-1", "+15", "0x0f", "15.0", "1 5", "fifteen", "", "1e1", "99999999999999999999", "²",
    )),
    Row("a body over the limit", "RFC 9110, 15.5.14", put(b"Content-Length: 513\r\n", b"x" * 513),
        413, "body_too_large"),
    Row("a length far over it", "RFC 9110, 15.5.14", put(b"Content-Length: 99999999\r\n"), 413,
        "body_too_large"),
    Row("no length", "RFC 9110, 15.5.12", put(b"", b""), 411, "length_required"),
    Row("chunked", "6.1", put(b"Transfer-Encoding: chunked\r\n", CHUNKED), 411, "length_required"),
    Row("chunked and a length", "6.1",
        put(b"Transfer-Encoding: chunked\r\nContent-Length: 15\r\n", CHUNKED), 400),
    Row("a length and chunked", "6.1",
        put(b"Content-Length: 15\r\nTransfer-Encoding: chunked\r\n", CHUNKED), 400),
    Row("gzip, chunked", "6.1", put(b"Transfer-Encoding: gzip, chunked\r\n", CHUNKED), 501),
    Row("an unknown coding", "6.1", put(b"Transfer-Encoding: cow\r\n", CHUNKED), 501),
    Row("identity", "6.1", put(b"Transfer-Encoding: identity\r\nContent-Length: 15\r\n"), 400),
    Row("two codings", "6.1",
        put(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", CHUNKED), 501),
    Row("chunked to HTTP/1.0", "6.1",
        b"PUT /pins/2 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKED, 411),
    # sizes: the contract's bounds
    Row("a URL of 600 bytes", "3", with_line(b"GET /?pin=2&state=on&x=%s HTTP/1.1" % (b"y" * 600)),
        414, "uri_too_long"),
    Row("a URL of 100 KB", "3", with_line(b"GET /?x=%s HTTP/1.1" % (b"y" * 100000)), 414,
        "uri_too_long"),
    Row("a method of 100 KB", "3", with_line(b"G" * 100000 + b" / HTTP/1.1"), 414, "uri_too_long"),
    Row("a line of 100 KB without an end", "3", b"G" * 100000, 414, "uri_too_long"),
    Row("a Host of 100 KB", "5", b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % (b"h" * 100000), 431,
        "header_too_large"),
    Row("a header of 100 KB", "5", with_header(b"Cookie: " + b"c" * 100000), 431,
        "header_too_large"),
    Row("a header of 100 KB without a colon", "5", with_header(b"c" * 100000), 431),
    Row("1,000 headers", "5", with_header(b"\r\n".join(b"X-%d: y" % n for n in range(1000))), 431,
        "header_too_large"),
    Row("65 headers", "5", with_header(b"\r\n".join(b"X-%d: y" % n for n in range(64))), 431,
        "header_too_large"),
    Row("5 KB of headers", "5", with_header(b"\r\n".join([b"X: " + b"y" * 500] * 10)), 431,
        "header_too_large"),
    # other protocols
    Row("a TLS hello", "RFC 8446, 4.1.2", bytes.fromhex("16030102000100 01fc0303") + b"\x5a" * 300,
        400, "not_http"),
    Row("SSH", "RFC 4253, 4.2", b"SSH-2.0-OpenSSH_9.6\r\n", 400),
    Row("SMTP", "RFC 5321, 4.1", b"EHLO example.com\r\n", 400),
    Row("a NUL", "3", b"\0\r\n\r\n", 400),
]  # fmt: skip


def rows(table: list[Row]) -> pytest.MarkDecorator:
    assert len({row.name for row in table}) == len(table)
    return pytest.mark.parametrize("row", table, ids=[row.name for row in table])


@rows(TAKEN)
def test_odd_but_right(board: Board, row: Row) -> None:
    answer = outcome(board.client, row.request)
    assert answer and answer.status == row.status


@rows(REFUSED)
def test_refused(board: Board, row: Row) -> None:
    before = State.of(board)
    with board.unmoved():
        answer = outcome(board.client, row.request)
        assert answer, "no answer"
        assert answer.status == row.status, answer.error
        assert not row.code or answer.error["code"] == row.code
    counted(before, State.of(board), refused=1)


@pytest.mark.parametrize("cookie", [500, 600, 3000, 3900])
def test_long_headers_that_nobody_needs_are_skipped(board: Board, cookie: int) -> None:
    answer = outcome(board.client, with_header(b"Cookie: " + b"c" * cookie))
    assert answer and answer.status == 200


def test_64_headers_are_taken(board: Board) -> None:
    lines = b"\r\n".join(b"X-%d: y" % number for number in range(63))
    answer = outcome(board.client, with_header(lines))
    assert answer and answer.status == 200


@pytest.mark.parametrize("missing", [1, 14])
def test_a_body_shorter_than_its_length(board: Board, missing: int) -> None:
    """Content-Length lies: nothing is guessed, the request is late."""
    with board.unmoved(), board.client.connect() as connection:
        connection.sendall(put(b"Content-Length: %d\r\n" % (len(BODY) + missing)))
        assert heard(connection).startswith(b"HTTP/1.1 408 ")


def test_a_body_longer_than_its_length(board: Board) -> None:
    """Only as much as was announced is the body; the rest is no request either."""
    with board.unmoved():
        answer = outcome(board.client, put(b"Content-Length: 14\r\n", BODY))
    assert answer and answer.error["code"] == "bad_json"


def test_a_pipelined_second_request_is_not_served(board: Board) -> None:
    """Section 9.3.2: after `Connection: close` the rest of the input is nobody's."""
    off = b"GET /?pin=2&state=off HTTP/1.1\r\n" + HOST + b"\r\n"
    outcome(board.client, off)
    seen = len(board.changes(2))
    answer = outcome(board.client, get() + off)
    assert answer and answer.status == 200
    assert answer.json["state"] == "on"
    assert len(board.changes(2)) == seen + 1


@pytest.mark.parametrize("headers", [b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_request_in_a_body_is_not_served(board: Board, headers: bytes) -> None:
    """Smuggling, section 11.2."""
    inner = b"GET /?pin=4&state=on HTTP/1.1\r\n" + HOST + b"\r\n"
    with board.unmoved():
        outcome(board.client, put(headers, b"0\r\n\r\n" + inner))


def test_leave_to_send_the_body(board: Board) -> None:
    """RFC 9110, section 10.1.1: 100 first, and the final answer after the body."""
    with board.client.connect() as connection:
        connection.sendall(put(b"Content-Length: 15\r\nExpect: 100-continue\r\n", b""))
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert re.match(rb"HTTP/1.1 200 ", heard(connection))


@pytest.mark.parametrize(
    ("headers", "status"),
    [(b"Content-Length: 9999\r\n", 413), (b"Content-Length: x\r\n", 400)],
)
def test_no_leave_to_send_what_is_refused(board: Board, headers: bytes, status: int) -> None:
    """RFC 9110, section 10.1.1: the final status in place of 100."""
    with board.client.connect() as connection:
        connection.sendall(put(headers + b"Expect: 100-continue\r\n", b""))
        assert heard(connection).startswith(b"HTTP/1.1 %d " % status)


def test_no_100_for_http_1_0(board: Board) -> None:
    request = put(b"Content-Length: 15\r\nExpect: 100-continue\r\n").replace(b"1.1\r\n", b"1.0\r\n")
    answer = outcome(board.client, request)
    assert answer and answer.status == 200
