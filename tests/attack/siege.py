"""What attacks have in common: a firmware to attack, raw connections, and the state afterwards."""

import contextlib
import selectors
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.boards import Board
from tests.support.firmware import firmware_with
from tests.support.http import Answer, Client, parse_answer

HEAP_SLACK = 512  # bytes: what a longer list or a new name may keep
IDLE = 0.25  # share of a processor that a waiting board may take; one that loops takes all of it
_WINDOW = 0.1  # seconds over which that share is measured
_PATIENCE = 10.0  # seconds within which a board must have come to rest
_SMALL = 1  # SO_RCVBUF: the system makes its least of it
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST

CURL = b"GET /?pin=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"
BROWSER = (
    b"GET /?pin=2 HTTP/1.1\r\n"
    b"Host: 192.168.4.1\r\n"
    b"Connection: keep-alive\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/130.0.0.0 Safari/537.36\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    b"image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7\r\n"
    b"Accept-Encoding: gzip, deflate\r\n"
    b"Accept-Language: en-US,en;q=0.9,de;q=0.8\r\n"
    b"\r\n"
)
PUT = (
    b"PUT /pins/2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 15\r\n\r\n{"state": "on"}'
)
PUT_NOTHING = PUT.replace(b"on", b"no")

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"  # may come before any answer: RFC 9110, 15.2

# Deadlines a tenth of the real ones, for all tests but those of the deadlines themselves.
QUICK = {
    "REQUEST_MS": 500,
    "ANSWER_MS": 1000,
    "LINGER_MS": 200,
    "GRACE_MS": 100,
    "SWEEP_MS": 20,
}

# A way to look inside, and what a firmware has not: an answer that does not fit any buffer.
_PROBES = """
import gc
import picoweb

def free_heap(req, resp):
    gc.collect()
    return {"free": gc.mem_free()}

def long_answer(req, resp):
    yield from picoweb.start_response(resp)
    for _ in range(200):
        yield from resp.awrite(b"0123456789" * 50)

app.add_url_rule("/test/heap", free_heap)
app.add_url_rule("/test/long", long_answer)
"""


def firmware(deadlines: dict[str, int] | None = None, more: str = "") -> dict[str, bytes]:
    """The board's files, with these deadlines, the probes and `more` before main.py serves."""
    return firmware_with(patience(deadlines or {}) + _PROBES + more)


def patience(deadlines: dict[str, int]) -> str:
    """Lines of main.py that give the server these deadlines."""
    return "".join(f"app.{name} = {value}\n" for name, value in deadlines.items())


# -- connections


def reset(connection: socket.socket) -> None:
    """Close by RST, as a client that crashed does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    connection.close()


def heard(connection: Any) -> bytes:
    """All that comes until the server closes; a reset ends it too."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    return received


def exchange(client: Client, *pieces: bytes, end: bool = False) -> bytes:
    """Send these bytes as far as the server takes them; return all that it answers.

    end: say then that no more will come.
    """
    with client.connect() as connection:
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            if end:
                connection.shutdown(socket.SHUT_WR)
        return heard(connection)


def outcome(client: Client, *pieces: bytes, end: bool = False) -> Answer | None:
    """The checked answer to these bytes; None where the connection closed without one."""
    received = exchange(client, *pieces, end=end).removeprefix(CONTINUE)
    method = b"".join(pieces).lstrip(b"\r\n").split(b" ", 1)[0].decode("latin-1")
    return parse_answer(received, method) if received else None


@contextlib.contextmanager
def held(client: Client, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """This many connections, each with these bytes sent and nothing more."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(client.connect())
            with contextlib.suppress(ConnectionError):
                connection.sendall(sent)
            connections.append(connection)
        yield connections


@contextlib.contextmanager
def deaf(client: Client, request: bytes) -> Iterator[socket.socket]:
    """A client that asks and does not read; its system takes in little."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        connection.settimeout(20)
        connection.connect(client.address)
        connection.sendall(request)
        yield connection


class Crowd:
    """Clients that send a part of a request and wait, and close once the server has closed.

    One that does not close either keeps its place for ten seconds more (tools/board/README.md).
    """

    def __init__(self, client: Client, count: int, sent: bytes) -> None:
        self._client, self._count, self._sent = client, count, sent
        self._selector = selectors.DefaultSelector()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._close_in_turn)
        self.heard: list[bytes] = []  # what each of those got that the server has closed

    def __enter__(self) -> "Crowd":
        for _ in range(self._count):
            connection = self._client.connect()
            with contextlib.suppress(ConnectionError):
                connection.sendall(self._sent)
            self._selector.register(connection, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            self._leave(key.fileobj)
        self._selector.close()

    def _close_in_turn(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.02):
                self.heard.append(heard(key.fileobj))
                self._leave(key.fileobj)

    def _leave(self, connection: Any) -> None:
        self._selector.unregister(connection)
        connection.close()


# -- the state of a board

# What is loaded at its first use leaves its names in the heap for good: one request for each kind.
_FIRST_TIMES = (
    *(
        CURL,
        BROWSER,
        PUT,
        PUT_NOTHING,
        PUT[:-1],
        b"\x16\x03\x01",
        b"G" * 600,
        b"G T / HTTP/1.1\r\n\r\n",
    ),
    *(CURL.replace(b"/?pin=2", path) for path in (b"/pins", b"/log", b"/status", b"/pins/2", b"/")),
    *(
        CURL.replace(b"pin=2", query)
        for query in (b"pin=99", b"p%69n=%zz", b"pin=6", b"x=1", b"pin")
    ),
    CURL.replace(b"GET", b"POST"),
    CURL.replace(b"GET", b"BREW"),
    CURL.replace(b"Accept: */*", b"no colon"),
    CURL.replace(b"Accept: */*", b"Cookie: " + b"c" * 600),
    CURL.replace(b"127.0.0.1", b"example.com"),
    CURL.replace(b"HTTP/1.1", b"HTTP/3.0"),
    PUT.replace(b"Content-Length", b"Expect: 100-continue\r\nContent-Length"),
    PUT.replace(b"Content-Length: 15", b"Transfer-Encoding: chunked"),
    PUT.replace(b"Content-Length: 15", b"Content-Length: 9999"),
)


def warm_up(board: Board) -> None:
    for request in _FIRST_TIMES:
        exchange(board.client, request, end=True)


@dataclass
class State:
    """What an attack must leave as it was: bytes of heap free, requests by how they ended."""

    free: int
    requests: dict[str, int]

    @classmethod
    def of(cls, board: Board) -> "State":
        return cls(free_heap(board), board.counters())


def assert_at_rest(board: Board, before: State) -> None:
    """A good request answers, places are free, no fault was counted, heap and processor rest."""
    board.wait(lambda: connections(board) == 0, "free places", _PATIENCE)
    assert board.client.send(CURL).status == 200
    wait_idle(board)
    after = board.counters()
    assert after["open"] == 1  # the one that asks
    assert after["faults"] == before.requests["faults"]
    wait_heap(board, before.free - HEAP_SLACK)


def free_heap(board: Board) -> int:
    """Bytes free after a collection, while nothing but this request is served.

    The headers that the board knows again (picopin.headers) are curl's then: it comes twice before.
    """
    for _ in range(2):
        exchange(board.client, CURL)
    return board.client.get("/test/heap").json["free"]


def wait_heap(board: Board, least: int) -> None:
    """Wait until a collection finds so much.

    It may take some requests: MicroPython's collector is conservative, and a stale word on the
    stack keeps a request and its buffers alive until it is written over.
    """

    def back() -> bool:
        if free_heap(board) >= least:
            return True
        for request in (CURL, BROWSER, PUT_NOTHING):
            exchange(board.client, request)
        return False

    board.wait(back, f"{least} bytes of free heap", _PATIENCE)


def connections(board: Board) -> int:
    """How many of the chip's five places are taken."""
    return board.control(net=None)["net"]["active"]


def wait_idle(board: Board) -> None:
    """Wait until the interpreter hardly takes any processor time."""
    pid = interpreter_of(board.process.pid, board.life)

    def idle() -> bool:
        used, since = processor_seconds(pid), time.monotonic()
        time.sleep(_WINDOW)  # what is measured is this stretch of time
        return (processor_seconds(pid) - used) / (time.monotonic() - since) < IDLE

    board.wait(idle, "an idle processor", _PATIENCE)


@cache
def interpreter_of(process: int, life: int) -> int:
    """MicroPython's process below the board's; each life of the board has another."""
    command = ["pgrep", "-P", str(process)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return int(found.stdout.split()[-1])


def processor_seconds(pid: int) -> float:
    """Processor time that a process has had."""
    if sys.platform == "linux":
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100  # utime, stime in USER_HZ
    command = ["ps", "-o", "time=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    minutes, seconds = shown.strip().rsplit(":", 1)
    return int(minutes.split(":")[-1]) * 60 + float(seconds)


def counted(before: State, after: State, **more: Any) -> None:
    """Check how many requests of each kind have been added, at least."""
    for name, number in more.items():
        added = after.requests[name] - before.requests[name]
        assert added >= number, f"{name}: {added} counted, {number} expected"
