"""Any bytes at all: a well-formed answer or a clean close, and no pin moves that was not asked for.

What was asked for is read from the bytes by oracle.py, which shares no code with the firmware.
"""

import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attack.oracle import MAX_LINE, meaning
from tests.attack.siege import BROWSER, State, assert_at_rest, outcome
from tests.support.boards import Board

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
RIGHT = [
    b"GET /?pin=2&state=on HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /?pin=2&state=off HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://127.0.0.1/?state=1&pin=D1 HTTP/1.0\n\n",
    BROWSER.replace(b"pin=2", b"pin=14&state=on"),
    b"POST /?pin=5 HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 8\r\n\r\nstate=on",
    b"POST / HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 15\r\n\r\npin=12&state=on",
    b"PUT /pins/13 HTTP/1.1\r\n"
    + HOST
    + b'Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"state": "on"}',
    b"GET /?pin=led&state=off&token=x HTTP/1.1\r\n" + HOST + b"Accept: */*\r\n\r\n",
]
TOKENS = [
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b"?", b"&", b"=", b"%", b"+", b"/"),
    *(b"\0", b"\xff", b"\xc3\xa4", b"%00", b"%C3%A4", b"%3d", b"pin=5", b"state=off", b"state=on"),
    *(b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS"),
    *(b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n"),
    *(b"Origin: http://evil.example\r\n", b"Host: evil.example\r\n", b"Accept: image/png\r\n"),
    *(b"Sec-Purpose: prefetch\r\n", b"token=x&", b"x" * 600, b"X: y\r\n" * 70, b'"', b"{", b"}"),
]

quickly = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,  # the same in every run; `make soak` looks further
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A right request after a few cuts, insertions and repetitions."""
    data = draw(st.sampled_from(RIGHT))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        middle = draw(
            st.sampled_from(TOKENS) | st.just(b"") | st.just(data[start : start + length])
        )
        keep = draw(st.booleans())
        data = data[:start] + middle + data[start if keep else start + length :]
    return data


@st.composite
def composed(draw: st.DrawFn) -> bytes:
    """A request put together from parts that are each right or wrong."""
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"DELETE", b"get", b"G T"]))
    path = draw(st.sampled_from([b"/", b"/pins/2", b"/pins/5", b"*", b"//", b"", b"/nothing"]))
    names = st.sampled_from([b"pin", b"state", b"token", b"p%69n", b"", b"colour"])
    values = st.sampled_from(
        [b"2", b"5", b"D1", b"led", b"on", b"off", b"1", b"0", b"o%6E", b"%zz", b"", b"99", b"6"]
    )
    pairs = draw(st.lists(st.tuples(names, values), max_size=4))
    target = path + (b"?" + b"&".join(b"=".join(pair) for pair in pairs) if pairs else b"")
    version = draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.3", b""]))
    body = draw(st.sampled_from([b"", b'{"state": "on"}', b"pin=4&state=on", b"[]", b"\xff"]))
    kinds = [FORM, b"Content-Type: application/json\r\n", b""]
    headers = draw(st.sampled_from([HOST, HOST, b"", HOST * 2, b"Host: picopin.local\r\n"]))
    headers += draw(st.sampled_from(kinds))
    wrong = draw(st.sampled_from([0, 0, 0, 1, -1]))
    headers += b"Content-Length: %d\r\n" % (len(body) + wrong) if body or wrong else b""
    return b"%s %s %s\r\n%s\r\n%s" % (method, target, version, headers, body)


def assert_harmless(board: Board, *pieces: bytes) -> None:
    """The answer is well-formed or none, and what changed is what the oracle reads."""
    data = b"".join(pieces)
    seen = len(board.changes())
    answer = outcome(board.client, *pieces, end=True)
    moved = [(entry["pin"], entry["level"]) for entry in board.changes()[seen:]]
    asked = meaning(data)
    if asked is None:
        assert not moved, f"{moved} by {data!r}"
        return
    assert set(moved) <= {asked}, f"{moved} by {data!r}, which asks for {asked}"
    if max(map(len, data.split(b"\n"))) > MAX_LINE:
        return  # such a line is skipped, or refused where a packet ends in the header's name
    if b"\r" in data.replace(b"\r\n", b""):
        return  # a CR alone may be refused or taken for a space: RFC 9112, section 2.2
    assert answer and answer.status == 200, f"{data!r} is right, and was answered {answer}"


@pytest.fixture(scope="module")
def any_board(fortress: Board) -> Board:
    return fortress


@pytest.fixture(autouse=True)
def at_rest_afterwards(any_board: Board) -> Iterator[None]:
    before = State.of(any_board)
    yield
    assert_at_rest(any_board, before)


@quickly
@given(st.binary(max_size=700))
def test_noise(any_board: Board, data: bytes) -> None:
    assert_harmless(any_board, data)


@quickly
@given(damaged())
def test_damaged_requests(any_board: Board, data: bytes) -> None:
    assert_harmless(any_board, data)


@quickly
@given(composed())
def test_composed_requests(any_board: Board, data: bytes) -> None:
    assert_harmless(any_board, data)


@quickly
@given(damaged(), st.lists(st.integers(1, 400), max_size=4))
def test_in_pieces(any_board: Board, data: bytes, cuts: list[int]) -> None:
    """Where a packet ends makes no difference."""
    bounds = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(bounds)]
    assert_harmless(any_board, *pieces)


@pytest.mark.soak
def test_further(any_board: Board) -> None:
    """Other examples in each run, and many."""

    @settings(quickly, max_examples=5000, derandomize=False)
    @given(damaged() | composed() | st.binary(max_size=700))
    def look(data: bytes) -> None:
        assert_harmless(any_board, data)

    look()


def test_binary_noise(any_board: Board) -> None:
    """Whole buffers of it, of all sizes up to 20 kB."""
    noise = random.Random(1)
    with any_board.unmoved():
        for _ in range(60):
            outcome(any_board.client, noise.randbytes(noise.randrange(1, 20000)), end=True)
