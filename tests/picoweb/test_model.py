"""An ordinary picoweb program on picopin.web.Server, beside the same program on picoweb itself.

What a handler sees and what a client gets must be the same; what the server adds of its own (a true
status line, Content-Length, Connection) is picopin's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attack.siege import connections, exchange
from tests.support.boards import Board
from tools.device_packages import PACKAGES
from tools.templates import compile_template

SOURCE = Path(__file__).parent / "micropython"
HEAP = "160k"  # the program is compiled on the board, which no firmware of ours does
OURS = "from picopin.web import Server as WebApp\nWebApp.KEPT_MS = 500\n"
THEIRS = "from picoweb import WebApp\n"
FORM = "name=Ada+L%6Fvelace&x=1"


@dataclass(frozen=True)
class Row:
    """A request, and what the program's answer must hold."""

    target: str
    body: str
    status: int = 200
    content_type: str = "text/plain"
    method: str = "GET"
    sent: str = ""
    headers: tuple[str, ...] = ()

    def request(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: 127.0.0.1", *self.headers]
        if self.sent:
            lines.append(f"Content-Length: {len(self.sent)}")
        return "\r\n".join([*lines, "", self.sent]).encode()


HTML = "text/html; charset=utf-8"
PAGE = (SOURCE / "shop" / "page.html").read_text()
STYLE = (SOURCE / "shop" / "static" / "site.css").read_text()
ROWS = [
    Row("/", "Hello from /", content_type=HTML),
    Row("/items/shoe/colour", "colour of shoe"),
    Row("/added", "added by rule"),
    Row("/async", "a coroutine answers"),
    Row("/json", '{"numbers": [1, 2, 3]}', content_type="application/json"),
    Row("/teapot", "418", 418, HTML),
    Row("/moved", "", 303, HTML),
    Row("/headers-as-bytes", "see the headers"),
    Row("/by-hand", "without start_response"),
    Row("/page", PAGE, content_type="text/html"),
    Row("/static/site.css", STYLE, content_type="text/css"),
    Row("/file", STYLE, content_type="text/x-style"),
    Row("/no-file", "404", 404, HTML),
    Row("/static/../main.py", "403", 403, HTML),
    Row("/squares", "<h1>Squares</h1>\n<p>1: 1</p>\n<p>2: 4</p>\n<p>3: 9</p>\n",
        content_type=HTML),
    Row("/squares-as-text", "<h1>squares</h1>\n<p>7: 49</p>\n"),
    Row("/long", "".join(f"{number}\n" for number in range(1000))),
    Row("/pieces-of-a-buffer", "23489 and text"),
    Row("/query?a=1&b=x+y&c=%41", "a='1';b='x y';c='A';"),
    Row("/query?a=1&a=2&b", "a=['1', '2'];b=True;"),
    Row("/query", ""),
    Row(f"/form?{FORM}", "GET Ada Lovelace"),
    Row("/form", "POST Ada Lovelace", method="POST", sent=FORM),
    Row("/agent", "a browser", headers=("User-Agent: a browser",)),
    Row("/skip", "skipped"),
    Row("/leave", "yes", headers=("X-Other: no", "X-Mine: yes")),
    Row("/events", "data: 0\n\ndata: 1\n\ndata: 2\n\n", content_type="text/event-stream"),
    Row("/admin", "admin"),
    Row("/admin/", "admin"),
    Row("/admin/users", "users at /users"),
    Row("/admin/deeper/leaf", "added by rule"),
]  # fmt: skip
EXTRA_HEADERS = {
    "/moved": {"Location": "/", "X-Why": "moved"},
    "/headers-as-bytes": {"X-Given": "as bytes"},
    "/file": {"Cache-Control": "max-age=60"},
}
rows = pytest.mark.parametrize("row", ROWS, ids=[f"{row.method} {row.target}" for row in ROWS])


def program(first_line: str) -> dict[str, bytes]:
    """The board's files: the program as main.py, and its package."""
    files = {"main.py": first_line.encode() + (SOURCE / "program.py").read_bytes()}
    for path in sorted((SOURCE / "shop").rglob("*.*")):
        name = path.relative_to(SOURCE).as_posix()
        if path.suffix == ".tpl":
            source, text = compile_template(path, SOURCE, PACKAGES)
            name = name.removesuffix(".tpl")
            files |= {name + "_tpl.py": source.encode(), name + ".txt": text.encode()}
        else:
            files[name] = path.read_bytes()
    return files


@pytest.fixture(scope="module")
def ours(built: None) -> Iterator[Board]:
    with Board(files=program(OURS), heap=HEAP) as board:
        yield board


@pytest.fixture(scope="module")
def theirs(built: None) -> Iterator[Board]:
    with Board(files=program(THEIRS), heap=HEAP) as board:
        yield board


def parts(received: bytes) -> tuple[int, dict[str, str], str]:
    """Status, headers, body."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ")[1]), headers, body.decode()


def assert_answers(board: Board, row: Row) -> dict[str, str]:
    status, headers, body = parts(exchange(board.client, row.request()))
    assert (status, body) == (row.status, row.body)
    if row.target != "/by-hand":
        assert headers["Content-Type"] == row.content_type
    assert EXTRA_HEADERS.get(row.target, {}).items() <= headers.items()
    return headers


@rows
def test_on_picopin(ours: Board, row: Row) -> None:
    headers = assert_answers(ours, row)
    assert headers.get("Connection", "close") == "close"
    if row.target not in ("/long", "/page", "/events", "/by-hand"):  # known before they leave
        assert headers["Content-Length"] == str(len(row.body.encode()))


@rows
def test_the_program_is_an_ordinary_one(theirs: Board, row: Row) -> None:
    """The same on picoweb itself: what these tests expect is picoweb's own behaviour."""
    assert_answers(theirs, row)


def test_a_status_line_is_true(ours: Board) -> None:
    """picoweb's own is `HTTP/1.0 200 NA`."""
    received = exchange(ours.client, ROWS[0].request())
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_short_answer_is_one_write(ours: Board) -> None:
    """picoweb's start_response alone is five or more."""
    exchange(ours.client, ROWS[0].request())
    record = ours.wait_connection(request="GET / HTTP/1.1")
    assert record["writes"] == 1


def test_head_has_no_body(ours: Board) -> None:
    """HEAD reaches the handler as in picoweb; the server keeps the body back."""
    for target in ("/", "/long", "/json", "/page"):
        received = exchange(ours.client, f"HEAD {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")
        assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"x" * 600 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", 413),
        (b"GET /form?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", 500),
    ],
)
def test_the_bounds_are_inherited(ours: Board, request_: bytes, status: int) -> None:
    """What kills stock picoweb, or leaves its client without an answer, is answered."""
    assert parts(exchange(ours.client, request_))[0] == status


def test_a_kept_connection_is_not_kept_for_ever(ours: Board) -> None:
    """A handler that forgets its connection loses it, and one that ends it may say so twice."""
    for target, body in (("/ended", "that was all"), ("/forgotten", "more later")):
        received = exchange(ours.client, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert parts(received)[::2] == (200, body)
    ours.wait(lambda: connections(ours) == 0, "its place to be free again")
