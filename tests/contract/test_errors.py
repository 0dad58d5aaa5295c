"""The contract's table of errors: status, code, the parameter at fault, and that nothing moves."""

import pytest

from tests.contract.rows import FORM, JSON, Row, assert_part, assert_refused, error, table
from tests.support.boards import Board, RealBoard
from tests.support.http import Client

AnyBoard = Board | RealBoard
NAMES = ["led", "D1", "D2", "D5", "D6", "D7", "SD3", "A0"]
QUERY = ["pin", "state", "for", "duty", "freq", "token"]
BODY = ["state", "for", "duty", "freq"]
STATES = ["on", "off"]


def no_pin(code: str) -> dict[str, object]:
    return error(code, "pin", NAMES)


@table(
    # missing, twice, empty, malformed, undecodable
    Row("GET /?state=on", 400, error("missing", "pin", NAMES)),
    Row("GET /?pin=", 400, no_pin("bad_pin")),
    Row("GET /?pin", 400, error("missing_value", "pin")),
    Row("GET /?pin=2&state", 400, error("missing_value", "state")),
    Row("GET /?pin=2&state=", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&pin=5", 400, error("repeated", "pin")),
    Row("GET /?pin=2&pin=2&state=on", 400, error("repeated", "pin")),
    Row("GET /?pin=2&state=on&state=on", 400, error("repeated", "state")),
    Row("GET /?pin=2&state=on&stat%65=off", 400, error("repeated", "state")),
    *(Row(f"GET /?pin={text}&state=on", 400, no_pin("bad_pin")) for text in (
        "-1", "0x2", "2.0", "02", "+2", "%2B2", "2%20", "1_0", "2,5", "!", "%00", "%C2%B2",
    )),
    Row("GET /?pin=%zz", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=2%", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=2%3", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%-1", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%C3&state=on", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%ff&state=on", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%C0%B2&state=on", 400, error("bad_encoding", "pin")),
    Row("GET /?pin=%ED%A0%80&state=on", 400, error("bad_encoding", "pin")),
    Row("GET /?%zz=2", 400, error("bad_encoding")),
    Row("GET /?%ED%A0%80=2", 400, error("bad_encoding")),
    Row("GET /?=2", 400, error("bad_query")),
    Row("GET /pins/%zz", 400, error("bad_encoding", "pin")),
    Row("GET /pins/-1", 400, no_pin("bad_pin")),
    Row("PUT /pins/0x2", 400, no_pin("bad_pin"), b'{"state": "on"}', JSON),
    # values
    Row("GET /?pin=2&state=maybe", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&state=ON", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&state=2", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&state=true", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&state=+on", 400, error("bad_state", "state", STATES)),
    Row("GET /?pin=2&state=on&duty=5", 400, {"code": "bad_mix"}),
    Row("GET /?pin=2&state=on&freq=5", 400, {"code": "bad_mix"}),
    Row("GET /?pin=2&for=5", 400, {"code": "missing", "param": "state"}),
    # unknown ones are named
    Row("GET /?pin=2&colour=red", 400, error("unknown_parameter", "colour", QUERY)),
    Row("GET /?pin=2&state=on&Pin=5", 400, error("unknown_parameter", "Pin", QUERY)),
    Row("GET /?pin=2&state=on&f%C3%BCr=5", 400, error("unknown_parameter", "für", QUERY)),
    Row("GET /pins?pin=2", 400, {"code": "unknown_parameter", "param": "pin"}),
    Row("GET /status?x=1", 400, {"code": "unknown_parameter", "param": "x"}),
    Row("PUT /pins/2?state=on", 400, {"code": "unknown_parameter", "param": "state"},
        b'{"state": "on"}', JSON),
    Row("POST /restart?now=1", 400, {"code": "unknown_parameter", "param": "now"}, b""),
)  # fmt: skip
def test_400(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


@table(
    *(Row("PUT /pins/2", 400, {"code": "bad_json"}, body, JSON) for body in (
        b"", b"[]", b'["on"]', b'[{"state": "on"}]', b'"on"', b"on", b"1", b"null", b"true",
        b'{"state": "on"', b'{"state": on}', b"{'state': 'on'}", b'{"state": "on"} x',
        b'{"state": "on"}{"state": "off"}', b'\xff{"state": "on"}', b'{"state": "\xff"}',
        b'{"\\ud83d": 1}', b'{"\xed\xa0\xbd": 1}', b'{"state": "\\ude00\\ud83d"}',
    )),
    Row("PUT /pins/2", 400, {"code": "missing", "param": "state"}, b"{}", JSON),
    *(Row("PUT /pins/2", 400, error("bad_state", "state", STATES), b'{"state": %s}' % value, JSON)
      for value in (b"1", b"true", b"null", b"[]", b"{}", b'["on"]', b'"On"', b"1.5")),
    Row("PUT /pins/2", 400, error("unknown_parameter", "pin", BODY), b'{"pin": 2, "state": "on"}',
        JSON),
    Row("PUT /pins/2", 400, error("unknown_parameter", "", BODY), b'{"": 1}', JSON),
    Row("PUT /pins/2", 400, error("unknown_parameter", "\U0001f600", BODY),
        b'{"\\ud83d\\ude00": 1}', JSON),
    *(Row("PUT /pins/2", 400, {"code": "bad_for", "param": "for"},
          b'{"state": "on", "for": %s}' % value, JSON)
      for value in (b"0", b"-1", b"0.001", b"true", b"[]", b'"x"', b'""', b'"1e1"', b"1e999")),
    Row("PUT /pins/2", 400, {"code": "bad_mix"}, b'{"state": "on", "duty": 1}', JSON),
    Row("POST /", 400, error("missing", "pin", NAMES), b"state=on", FORM),
    Row("POST /?pin=2", 400, error("repeated", "pin"), b"pin=2&state=on", FORM),
    Row("POST /", 400, error("repeated", "state"), b"pin=2&state=on&state=on", FORM),
    Row("POST /", 400, error("bad_encoding", "state"), b"pin=2&state=%zz", FORM),
    Row("POST /", 400, error("bad_encoding"), b"pin=2&state=\xff", FORM),
    Row("POST /", 400, error("unknown_parameter", "colour", QUERY), b"pin=2&colour=red", FORM),
)  # fmt: skip
def test_400_of_bodies(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


@pytest.mark.parametrize("number", [6, 7, 8, 11, 1, 3, 0, 9, 15, 16])
@pytest.mark.parametrize("request_", ["GET /?pin={}&state=on", "GET /?pin={}", "GET /pins/{}"])
def test_403_says_why_policy_withholds_the_pin(
    shipped: AnyBoard, number: int, request_: str
) -> None:
    why = {6: "flash", 7: "flash", 8: "flash", 11: "flash", 1: "console", 3: "console"}
    row = Row(request_.format(number), 403, no_pin("not_allowed"))
    assert_refused(shipped, row)
    assert why.get(number, "config.py") in row.ask(shipped.client).error["message"]


@table(
    Row("GET /?pin=RX&state=on", 403, no_pin("not_allowed")),
    Row("GET /?pin=D3&state=on", 403, no_pin("not_allowed")),
    Row("PUT /pins/6", 403, no_pin("not_allowed"), b'{"state": "on"}', JSON),
    Row("POST /", 403, no_pin("not_allowed"), b"pin=6&state=on", FORM),
)
def test_403_by_any_name_and_method(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


@table(
    *(Row(f"GET /?pin={text}&state=on", 404, no_pin("no_such_pin")) for text in (
        "17", "99", "256", "1000000000000000000000", "abc", "D9", "A1", "nosuch", "LED",
    )),
    Row("GET /pins/99", 404, no_pin("no_such_pin")),
    Row("PUT /pins/nosuch", 404, no_pin("no_such_pin"), b'{"state": "on"}', JSON),
    Row("GET /nothing", 404, error("no_such_path")),
    Row("GET /nothing?pin=2&state=on", 404, error("no_such_path")),
    Row("GET /pins/2/", 404, error("no_such_path")),
    Row("GET /pins/", 404, error("no_such_path")),
    Row("GET //", 404, error("no_such_path")),
    Row("GET /nothing.css", 404, error("no_such_path")),
    Row("GET /static/00000000/nothing.js", 404, error("no_such_path")),
    Row("GET /static/00000000/page.js", 404, error("no_such_path")),
    Row("GET /../main.py", 404, error("no_such_path")),
    Row("GET /config.py", 404, error("no_such_path")),
    Row("GET /static/../../config.py", 404, error("no_such_path")),
    Row("GET /STATUS", 404, error("no_such_path")),
    Row("DELETE /nothing", 404, error("no_such_path")),
)  # fmt: skip
def test_404(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        ("DELETE /", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PUT /", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("DELETE /?pin=2&state=on", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("BREW /?pin=2&state=on", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("get /?pin=2&state=on", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST /pins", {"GET", "HEAD", "OPTIONS"}),
        ("POST /pins/2", {"GET", "HEAD", "PUT", "OPTIONS"}),
        ("PATCH /pins/2", {"GET", "HEAD", "PUT", "OPTIONS"}),
        ("PUT /status", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE /log", {"GET", "HEAD", "OPTIONS"}),
        ("GET /restart", {"POST", "OPTIONS"}),
        ("HEAD /restart", {"POST", "OPTIONS"}),
        ("PUT /wifi", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_405_with_allow(shipped: AnyBoard, request_: str, allowed: set[str]) -> None:
    row = Row(request_, 405, {"code": "method_not_allowed"}, b"")
    with shipped.unmoved():
        assert row.check(shipped.client).allow == allowed


def test_405_of_toggle_by_get(shipped: AnyBoard) -> None:
    row = Row("GET /?pin=2&state=toggle", 405, error("toggle_by_get", "state", STATES))
    with shipped.unmoved():
        assert row.check(shipped.client).allow >= {"POST", "PUT"}
        assert shipped.client.ask("HEAD", "/?pin=2&state=toggle").status == 405


@table(
    Row("GET /?pin=A0&state=on", 409, {"code": "not_an_output", "param": "pin"}),
    Row("PUT /pins/A0", 409, {"code": "not_an_output", "param": "pin"}, b'{"state": "on"}', JSON),
    Row("GET /?pin=A0&duty=5", 409, {"code": "not_pwm", "param": "pin"}),
    Row("GET /?pin=2&duty=512", 409, {"code": "not_pwm", "param": "pin"}),
    Row("GET /?pin=2&freq=100", 409, {"code": "not_pwm", "param": "pin"}),
    Row("GET /?pin=2&duty=512&freq=100", 409, {"code": "not_pwm", "param": "pin"}),
)
def test_409(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


@table(
    Row("PUT /pins/2", 411, error("length_required"), None, JSON),
    Row("PUT /pins/2", 411, error("length_required"), b"", {"Transfer-Encoding": "chunked",
                                                           "Content-Length": ""}),
    Row("PUT /pins/2", 413, error("body_too_large"), b" " * 513, JSON),
    Row("POST /", 413, error("body_too_large"), b"pin=2&state=on&" + b"&" * 10000, FORM),
    Row("GET /?pin=2&state=on", 413, error("body_too_large"), b"x" * 2000),
    Row("GET /?pin=2&state=on&" + "&" * 600, 414, error("uri_too_long")),
    Row("GET /" + "a" * 5000, 414, error("uri_too_long")),
    Row("PUT /pins/2", 415, {"code": "bad_type", "allowed": [JSON["Content-Type"]]},
        b'{"state": "on"}'),
    Row("PUT /pins/2", 415, {"code": "bad_type"}, b'{"state": "on"}', FORM),
    Row("PUT /pins/2", 415, {"code": "bad_type"}, b'{"state": "on"}',
        {"Content-Type": "text/json"}),
    Row("POST /", 415, {"code": "bad_type", "allowed": [FORM["Content-Type"]]},
        b'{"pin": 2, "state": "on"}', JSON),
    Row("POST /", 415, {"code": "bad_type"}, b"pin=2&state=on",
        {"Content-Type": "multipart/form-data; boundary=x"}),
    Row("GET /?pin=2&state=on", 431, error("header_too_large"), None, {"Accept": "x" * 600}),
    Row("GET /?pin=2&state=on", 431, error("header_too_large"), None,
        {f"X-{n}": "x" * 200 for n in range(30)}),
    Row("GET /?pin=2&state=on", 431, error("header_too_large"), None,
        {f"X-{n}": "x" for n in range(70)}),
)  # fmt: skip
def test_what_is_over_the_limits(shipped: AnyBoard, row: Row) -> None:
    assert_refused(shipped, row)


def test_a_long_header_that_nobody_needs_is_passed_over(shipped: AnyBoard) -> None:
    headers = {"Cookie": "c" * 3000}
    assert shipped.client.get("/?pin=2", headers).status == 200


def test_limits_are_reached_exactly(shipped: AnyBoard) -> None:
    """512 bytes of request line, of a header line, and of body are taken; one more is not."""
    ask = shipped.client.ask
    for length, status in ((512, 404), (513, 414)):
        target = "/" + "a" * (length - len("GET / HTTP/1.1\r"))
        assert ask("GET", target).status == status
    for length, status in ((512, 200), (513, 431)):
        value = "x" * (length - len("Accept: \r"))
        assert ask("GET", "/?pin=2", headers={"Accept": value}).status == status
    for length, status in ((512, 200), (513, 413)):
        form = b"pin=2&state=off".ljust(length, b"&")
        assert ask("POST", "/", form, FORM).status == status


HOST = b"Host: 192.168.4.1\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"GET /?pin=2&state=on\r\n\r\n", 400, "bad_request_line"),
        (b"GET  /?pin=2&state=on HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_request_line"),
        (b"/?pin=2&state=on GET HTTP/1.1\r\n%s\r\n" % HOST, 400, None),
        (b"GET /?pin=2&state=on HTTX/1.1\r\n%s\r\n" % HOST, 400, "bad_request_line"),
        (b"GET ?pin=2&state=on HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_target"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\n%sno colon\r\n\r\n" % HOST, 400, "bad_header"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\n%s: x\r\n\r\n" % HOST, 400, "bad_header"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\nAccept : x\r\n%s\r\n" % HOST, 400, "bad_header"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\n%s folded\r\n\r\n" % HOST, 400, "bad_header"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\n\r\n", 400, "no_host"),
        (b"GET /?pin=2&state=on HTTP/1.1\r\n%s%s\r\n" % (HOST, HOST), 400, None),
        (b"PUT /pins/2 HTTP/1.1\r\n%sContent-Length: -1\r\n\r\n" % HOST, 400, "bad_length"),
        (b"PUT /pins/2 HTTP/1.1\r\n%sContent-Length: 2x\r\n\r\n{}" % HOST, 400, "bad_length"),
        (b"GET /\xff?pin=2&state=on HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_target"),
        (b"GET /?pin=\xff&state=on HTTP/1.1\r\n%s\r\n" % HOST, 400, None),
        (b"GET /?pin=2&state=\xff HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_state"),
        (b"GET /?\xff=2&state=on HTTP/1.1\r\n%s\r\n" % HOST, 400, "bad_encoding"),
        (b"GET /?pin=2&state=on HTTP/2.0\r\n%s\r\n" % HOST, 505, "bad_version"),
        (b"GET /?pin=2&state=on HTTP/0.9\r\n%s\r\n" % HOST, 505, "bad_version"),
        (b"GET /?pin=2&state=on HTTP/1.2\r\n%s\r\n" % HOST, 505, "bad_version"),
    ],
    ids=lambda value: value.decode("latin-1")[:70] if isinstance(value, bytes) else None,
)
def test_requests_that_are_no_requests(
    shipped: AnyBoard, raw: bytes, status: int, code: str | None
) -> None:
    with shipped.unmoved():
        answer = shipped.client.send(raw)
    assert answer.status == status
    assert_part(answer.error, {"code": code} if code else {})


def test_http_1_0_needs_no_host(shipped: AnyBoard) -> None:
    assert shipped.client.send(b"GET /?pin=2 HTTP/1.0\r\n\r\n").status == 200


def test_lines_may_end_in_lf_alone(shipped: AnyBoard) -> None:
    assert shipped.client.send(b"GET /?pin=2 HTTP/1.1\n" + HOST.strip() + b"\n\n").status == 200


def test_408_after_five_seconds(shipped: AnyBoard) -> None:
    """The one deadline that is waited for here; those of answers stand in tests/attack."""
    with shipped.unmoved():
        answer = shipped.client.send(b"GET /?pin=2&state=on HTTP/1.1\r\n")
    assert (answer.status, answer.error["code"]) == (408, "too_slow")


def test_an_error_never_repeats_more_than_a_segment_holds(shipped: AnyBoard) -> None:
    """Whatever it names is cut, so that the answer stays in one write of 1,072 bytes."""
    for target in (
        "/?pin=2&" + "x" * 400 + "=1",
        "/?pin=" + "x" * 400,
        "/?" + "%C3%BC" * 60 + "=1",
    ):
        answer = shipped.client.get(target)
        assert answer.status in (400, 404)
        assert len(answer.body) < 700


@pytest.mark.parametrize("name", ['"', "\\", "<b>", "\u0007", "\U0001f600"])
def test_what_an_error_repeats_is_safe_json(shipped: AnyBoard, name: str) -> None:
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    assert shipped.client.get(f"/?pin=2&{encoded}=1").error["param"] == name


def test_a_client_may_hang_up_its_side_after_asking(shipped: AnyBoard) -> None:
    from_client = Client(shipped.client.url)
    with from_client.connect() as connection:
        connection.sendall(b"GET /?pin=2 HTTP/1.0\r\n\r\n")
        connection.shutdown(1)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
