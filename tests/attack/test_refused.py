"""What a refusal must not cost: a place that is held for nothing, or the heap."""

import pytest

from tests.attack.siege import exchange, firmware
from tests.attack.test_framing import with_header, with_line
from tests.support.boards import Board
from tools.board.__main__ import HEAPS

FORM = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        with_header(b"Host: another\r\nX-More: 1"),
        with_header(b"no colon\r\nX-More: 1"),
        with_header(b"X-More : 1\r\nX-More: 1"),
        with_line(b"BREW"),
    ],
    ids=["two hosts", "no colon", "space before the colon", "request line"],
)
def test_a_request_that_has_ended_is_not_waited_for(built: None, request_: bytes) -> None:
    """The server closes though it would wait for an hour for what is still to come."""
    with Board(files=firmware({"LINGER_MS": 3_600_000})) as board:
        assert exchange(board.client, request_).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "pairs",
    [b"&".join([b"a=b"] * 110), b"".join(b"%x=&" % number for number in range(110))],
    ids=["repeated", "unknown"],
)
def test_hundreds_of_parameters(built: None, pairs: bytes) -> None:
    """With the heap as shipped they are refused for what they are, not for lack of memory."""
    with Board(heap=str(HEAPS["pc"])) as board:
        for request in (
            b"GET /?%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % pairs,
            b"%sContent-Length: %d\r\n\r\n%s" % (FORM, len(pairs), pairs),
        ):
            assert exchange(board.client, request).startswith(b"HTTP/1.1 400 ")
