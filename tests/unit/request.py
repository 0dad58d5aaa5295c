"""picopin.request: the same request, whatever the pieces in which it comes."""

from harness import equal, run

from picopin import Refusal
from picopin.headers import MAX_LINE
from picopin.request import Request

START = MAX_LINE + 2  # where a new piece lies in the server's buffer
PIECE = 1072  # bytes it reads at once
buf = bytearray(START + PIECE)
view = memoryview(buf)

PLAIN = b"GET /?pin=2&state=on HTTP/1.1\r\nHost: board\r\nX-Other: 1\r\naccept:  */* \r\n\r\n"
BODY = (
    b"PUT /pins/led HTTP/1.1\r\nhost:board\r\ncontent-length: 15\r\n"
    b"Content-Type: application/json\r\n\r\n" + b'{"state": "on"}'
)
LF = b"\nPOST / HTTP/1.0\nContent-Length: 5\n\npin=2"
LONG = b"GET / HTTP/1.1\r\nHost: b\r\nCookie: %s\r\nAccept: x\r\n\r\n" % (b"c" * 700)
ABSOLUTE = b"GET http://name:81?a=b HTTP/1.1\r\nHost: other\r\n\r\n"


def feed(pieces, mode="needed"):
    """What the pieces make: (method, path, qs, headers, body), or the Refusal's code."""
    req = Request()
    try:
        for at, piece in enumerate(pieces):
            buf[START : START + len(piece)] = piece
            if req.feed(buf, view, START, START + len(piece), lambda req: mode):
                equal(at, len(pieces) - 1, "whole too early")
                return req.method, req.path, req.qs, req.headers, req.body
    except Refusal as e:
        return e.code
    return None


def in_twos(data):
    """Every split into two pieces, neither longer than the server reads at once."""
    for at in range(max(1, len(data) - PIECE), min(len(data), PIECE)):
        yield data[:at], data[at:]


WHOLE = {
    PLAIN: ("GET", "/", "pin=2&state=on", {b"Host": b"board", b"Accept": b"*/*"}, b""),
    BODY: (
        "PUT",
        "/pins/led",
        "",
        {b"Host": b"board", b"Content-Length": b"15", b"Content-Type": b"application/json"},
        b'{"state": "on"}',
    ),
    LF: ("POST", "/", "", {b"Content-Length": b"5"}, b"pin=2"),
    LONG: ("GET", "/", "", {b"Host": b"b", b"Accept": b"x"}, b""),
    ABSOLUTE: ("GET", "/", "a=b", {b"Host": b"name:81"}, b""),
}


NEEDED = (
    b"Host Accept Origin Referer Purpose Sec-Purpose X-Moz Authorization Accept-Encoding "
    b"Content-Type Expect If-None-Match"
).split()


def test_every_header_that_is_needed_is_kept():
    for spelled in (lambda name: name, bytes.lower, bytes.upper):
        lines = [spelled(name) + b": " + name for name in NEEDED]
        headers = feed((b"GET / HTTP/1.1\r\n%s\r\n\r\n" % b"\r\n".join(lines),))[3]
        equal(headers, {name: name for name in NEEDED})


def test_what_is_kept_of_what_a_browser_accepts():
    """As much as is asked of it; a picoweb program has all of it."""
    for accept, kept in (
        (b"text/html,application/xhtml+xml,*/*;q=0.8", b"text/html"),
        (b"image/avif,image/webp,*/*;q=0.8", b"image/"),
        (b"IMAGE/avif,image/webp,*/*;q=0.8", b"image/"),
        (b"image/webp,text/html;q=0.5", b"image/webp,text/html;q=0.5"),
        (b"application/json, text/plain, */*", b"application/json, text/plain, */*"),
        (b"text/event-stream", b"text/event-stream"),
        (b"*/*", b"*/*"),
    ):
        lines = b"GET / HTTP/1.1\r\nHost: b\r\nAccept: %s\r\nAccept-Encoding: %s\r\n\r\n"
        for coding, kept_coding in ((b"deflate, gzip", b"gzip"), (b"br", b"br")):
            request = lines % (accept, coding)
            equal(feed((request,))[3][b"Accept"], kept, accept)
            equal(feed((request,))[3][b"Accept-Encoding"], kept_coding, coding)
            equal(feed((request,), "parse")[3][b"Accept"], accept)
            equal(feed((request,), "parse")[3][b"Accept-Encoding"], coding)


def test_in_one_piece():
    for data in WHOLE:
        equal(feed((data,)), WHOLE[data], data)


def test_in_two_pieces():
    for data in WHOLE:
        for pieces in in_twos(data):
            equal(feed(pieces), WHOLE[data], pieces)


def test_byte_by_byte():
    for data in WHOLE:
        equal(feed([data[at : at + 1] for at in range(len(data))]), WHOLE[data], data)


def test_it_is_not_whole_before_its_last_byte():
    for data in WHOLE:
        for length in range(len(data)):
            if length <= PIECE:
                equal(feed((data[:length],)), None, data[:length])


HOST = b"Host: b\r\n"
REFUSED = {
    b"GET /\r\n": "bad_request_line",
    b"GET / HTTP/1.1 x\r\n": "bad_request_line",
    b"G(T / HTTP/1.1\r\n": "not_http",
    b"GET / XTTP/1.1\r\n": "bad_request_line",
    b"GET / HTTP/2.0\r\n": "bad_version",
    b"GET pins HTTP/1.1\r\n": "bad_target",
    b"GET * HTTP/1.1\r\n": "bad_target",
    b"GET / HTTP/1.1\r\nno colon\r\n": "bad_header",
    b"GET / HTTP/1.1\r\n: no name\r\n": "bad_header",
    b"GET / HTTP/1.1\r\nHost: b\n \nOrigin: x\n\n": "bad_header",
    b"GET / HTTP/1.1\r\nHost: b\n\x01\nOrigin: x\n\n": "bad_header",
    b"X\nGET / HTTP/1.1\r\nHost: b\r\n\r\n": "bad_request_line",
    b"GET / HTTP/1.1\r\nHost : b\r\n": "bad_header",
    b"GET / HTTP/1.1\r\nHost: b\r\n folded\r\n": "bad_header",
    b"GET / HTTP/1.1\r\n\r\n": "no_host",
    b"GET / HTTP/1.1\r\n%sContent-Length: x\r\n\r\n" % HOST: "bad_length",
    b"GET / HTTP/1.1\r\n%sContent-Length: +5\r\n\r\n" % HOST: "bad_length",
    b"GET / HTTP/1.1\r\n%sContent-Length: \r\n\r\n" % HOST: "bad_length",
    b"GET / HTTP/1.1\r\n%sContent-Length: 513\r\n\r\n" % HOST: "body_too_large",
    b"GET / HTTP/1.1\r\n%sContent-Length: 99999999999\r\n\r\n" % HOST: "bad_length",
    b"GET / HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % HOST: "length_required",
    b"GET / HTTP/1.1\r\n%sTransfer-Encoding: gzip\r\n\r\n" % HOST: "bad_coding",
    b"GET /%s HTTP/1.1\r\n" % (b"a" * 500): "uri_too_long",
    b"GET / HTTP/1.1\r\nAccept: %s\r\n" % (b"a" * 505): "header_too_large",
    b"GET / HTTP/1.1\r\n%s: 1\r\n" % (b"n" * 513): "header_too_large",
    b"GET / HTTP/1.1\r\n%s\r\n" % (b"n" * 600): "header_too_large",
    b"GET / HTTP/1.1\r\nCookie : %s\r\n" % (b"c" * 600): "bad_header",
    b"GET / HTTP/1.1\r\n Cookie: %s\r\n" % (b"c" * 600): "bad_header",
    b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 65 + HOST + b"\r\n": "header_too_large",
}


def test_refused_in_one_piece():
    for data in REFUSED:
        code = feed((data,))
        # a method that is no token is noticed with the line, or before it is whole
        equal(
            "not_http" if code == "bad_request_line" and b"(" in data else code, REFUSED[data], data
        )


def test_refused_in_two_pieces():
    for data in REFUSED:
        for pieces in in_twos(data):
            code = feed(pieces)
            if b"(" in data and code == "bad_request_line":
                continue
            equal(code, REFUSED[data], pieces)


def test_refused_byte_by_byte():
    for data in REFUSED:
        equal(feed_until_refused(data), REFUSED[data], data)


def feed_until_refused(data):
    req = Request()
    try:
        for at in range(len(data)):
            buf[START] = data[at]
            req.feed(buf, view, START, START + 1, lambda req: "needed")
    except Refusal as e:
        return e.code


def test_noise_is_refused_before_the_line_ends():
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 20, b"{}", b"\xff\xfe"):
        equal(feed((noise,)), "not_http", noise)


def test_headers_at_the_limit():
    """4,096 bytes in 64 lines are taken; a line more, or a byte, is not."""
    head = b"GET / HTTP/1.1\r\n"
    lines = [b"X-%02d: %s\r\n" % (n, b"y" * 55) for n in range(63)] + [b"Host: %s\r\n"]
    room = 4096 - sum(len(line) for line in lines[:63]) - len(b"Host: \r\n")
    for more, refused in ((0, False), (1, True)):
        data = head + b"".join(lines[:63]) + lines[63] % (b"h" * (room + more)) + b"\r\n"
        pieces = [data[at : at + 500] for at in range(0, len(data), 500)]
        equal(feed(pieces) == "header_too_large", refused, more)


def test_headers_that_came_before():
    """Twice the same, then others of the same size: each request has its own."""
    other = PLAIN.replace(b"X-Other: 1", b"Origin: me")
    for data in (PLAIN, PLAIN, PLAIN, other, PLAIN, other, other, other, PLAIN):
        whole = feed((data,))
        equal(whole[3].get(b"Origin"), b"me" if data is other else None)
        equal(whole[3][b"Accept"], b"*/*")


def test_what_lies_before_a_piece_is_not_read():
    """A line without a name, at the very begin of the buffer; the last byte is another's."""
    req = Request()
    first = b"GET / HTTP/1.1\r\nHost: b\r\n"
    buf[: len(first)] = first
    equal(req.feed(buf, view, 0, len(first), lambda req: "needed"), False)
    for byte in (b"x", b"\n"):
        buf[-1:] = byte
        buf[:6] = b":x\r\n\r\n"
        try:
            equal(req.feed(buf, view, 0, 6, lambda req: "needed"), "refused")
        except Refusal as e:
            equal(e.code, "bad_header")


def test_what_the_buffer_still_has_of_another_request_is_not_read():
    """A known head lies there whole, behind the few bytes that have come."""
    for _ in range(3):
        feed((PLAIN,))
    size = PLAIN.find(b"\n") + 1
    req = Request()
    buf[START : START + size] = PLAIN[:size]
    equal(req.feed(buf, view, START, START + size, lambda req: "needed"), False)


def test_known_headers_do_not_outlive_their_change():
    """An absolute-form target, a mode of picoweb's, a body: each is read anew."""
    for _ in range(3):
        feed((PLAIN,))
    absolute = PLAIN.replace(b"GET /", b"GET http://name:81/")
    equal(feed((absolute,))[3], {b"Host": b"name:81", b"Accept": b"*/*"})
    equal(feed((PLAIN,))[3], {b"Host": b"board", b"Accept": b"*/*"})
    equal(len(feed((PLAIN,), "parse")[3]), 3)
    old = PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0")
    equal(feed((old,))[3], {b"Host": b"board", b"Accept": b"*/*"})
    bare = b"GET / HTTP/1.0\r\nAccept: */*\r\n\r\n"
    for _ in range(3):
        equal(feed((bare,))[3], {b"Accept": b"*/*"})
    equal(feed((bare.replace(b"1.0", b"1.1"),)), "no_host")


def test_what_follows_the_body_is_not_part_of_it():
    equal(feed((BODY + b"GET / HTTP/1.1\r\n",))[4], b'{"state": "on"}')


def test_long_lines_in_the_modes_of_picoweb():
    """Where all headers are kept, a long one is refused, wherever the network cuts it."""
    for mode in ("parse", "leave"):
        for pieces in in_twos(LONG):
            equal(feed(pieces, mode), "header_too_large", pieces)
    for pieces in in_twos(LONG):
        equal(feed(pieces, "skip")[4], b"", pieces)


def test_modes_of_picoweb():
    """ "parse" keeps every header, spelled as picoweb programs look it up."""
    headers = feed((PLAIN,), "parse")[3]
    equal(headers, {b"Host": b"board", b"X-Other": b"1", b"Accept": b"*/*"})
    data = PLAIN.replace(b"X-Other", b"x-OTHER")
    for pieces in in_twos(data):
        equal(feed(pieces, "parse")[3], headers, pieces)


run(globals())
