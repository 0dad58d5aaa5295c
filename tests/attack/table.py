"""`make attack-table`: what each attack does to Picopin, and to stock picoweb on the same board.

Each attack meets a fresh board with the heap that stands for the chip's; afterwards a good request
must be answered, places must be free and the processor idle.
"""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.attack.siege import (
    BROWSER,
    CURL,
    IDLE,
    Crowd,
    connections,
    exchange,
    interpreter_of,
    processor_seconds,
    reset,
)
from tests.attack.test_framing import REFUSED, TAKEN, Row
from tests.support.boards import Board, build
from tests.support.http import Client
from tools.heap.gate import ROMFS

PATIENCE = 15.0  # seconds that an answer, or the rest after an attack, may take
_WINDOW = 0.4  # seconds over which the processor is watched

_PICOWEB = b"""
import picoweb
from machine import Pin

pins = {2: Pin(2, Pin.OUT, value=1)}
app = picoweb.WebApp("app")


@app.route("/")
def index(req, resp):
    req.parse_qs()
    if "state" in req.form:
        pins[int(req.form["pin"])].value(req.form["state"] != "on")
    yield from picoweb.jsonify(resp, {"pin": req.form["pin"]})


app.run(host="0.0.0.0", port=80, debug=-1)
"""
CHOSEN = (
    "LF alone", "an empty line first", "absolute-form", "no version", "HTTP/2.0",
    "no colon", "obs-fold", "two Hosts", "bytes that are no UTF-8", "a URL of 100 KB",
    "a header of 100 KB", "1,000 headers", "Content-Length: -1", "a length far over it",
    "chunked and a length", "a TLS hello",
)  # fmt: skip

Attack = Callable[[Board], str]


@dataclass(frozen=True)
class Result:
    """What the attacker saw, and how the board was afterwards."""

    seen: str
    after: str


def said(received: bytes) -> str:
    """The status in an answer."""
    if not received:
        return "no answer"
    first = received.split(b"\r\n", 1)[0].split(b" ")
    return first[1].decode("latin-1") if len(first) > 1 else "not HTTP"


def row(attack: Row) -> Attack:
    def run(board: Board) -> str:
        return said(exchange(board.client, attack.request))

    return run


def query(text: bytes) -> Attack:
    def run(board: Board) -> str:
        return said(exchange(board.client, CURL.replace(b"pin=2", text)))

    return run


def half_open(count: int) -> Attack:
    """Held while a good client asks."""

    def run(board: Board) -> str:
        with Crowd(board.client, count, BROWSER[:300]):
            start = time.monotonic()
            status = said(exchange(board.client, CURL))
            return f"{status} after {time.monotonic() - start:.1f} s"

    return run


def unknown_url_cut_short(board: Board) -> str:
    with board.client.connect() as connection:
        connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n")
    return "(left)"


def resets(board: Board) -> str:
    for number in range(1000):
        connection = board.client.connect()
        connection.sendall(BROWSER[: number % len(BROWSER)])
        reset(connection)
    return "(left)"


def attacks() -> Iterator[tuple[str, Attack]]:
    for count in (5, 10, 20, 50):
        yield f"{count} half-open requests, then a good one", half_open(count)
    yield "an unknown URL, left in its headers", unknown_url_cut_short
    yield "1,000 requests, each reset somewhere", resets
    table = {each.name: each for each in TAKEN + REFUSED}
    for name in CHOSEN:
        yield name, row(table[name])
    for text in (b"pin=%zz", b"pin=2&pin=5", b"pin", b"pin=99&state=on", b"pin=%ff"):
        yield f"?{text.decode()}", query(text)


def after(board: Board) -> str:
    """How the board is, in a word or two."""
    pid = interpreter_of(board.process.pid, board.life)
    used, since = processor_seconds(pid), time.monotonic()
    time.sleep(_WINDOW)
    busy = (processor_seconds(pid) - used) / (time.monotonic() - since)
    try:
        status = said(exchange(board.client, CURL))
    except OSError:
        status = "nothing"
    if status != "200":
        return f"dead ({100 * busy:.0f} % CPU)"
    if busy > IDLE:
        return f"{100 * busy:.0f} % CPU for good"
    return "serves" if places_free(board) else "serves, a place is lost"


def places_free(board: Board) -> bool:
    try:
        board.wait(lambda: connections(board) == 0, "free places", PATIENCE)
    except TimeoutError:
        return False
    return True


@dataclass(frozen=True)
class Impatient(Client):
    """A client that waits for PATIENCE and no longer."""

    def connect(self) -> socket.socket:
        connection = super().connect()
        connection.settimeout(PATIENCE)
        return connection


def attacked(attack: Attack, files: dict[str, bytes] | None) -> Result:
    with Board(files=files, heap=str(ROMFS.gate)) as board:
        board.client = Impatient(board.client.url)
        try:
            seen = attack(board)
        except TimeoutError:
            seen = "no answer"
        except OSError as error:
            seen = type(error).__name__
        return Result(seen, after(board))


def main() -> int:
    build()
    print(f"| {'attack':<44} | {'Picopin':<30} | {'picoweb 1.8.2':<34} |")
    print(f"|{'-' * 46}|{'-' * 32}|{'-' * 36}|")
    for name, attack in attacks():
        ours = attacked(attack, None)
        theirs = attacked(attack, {"main.py": _PICOWEB})
        cells = [f"{result.seen}; {result.after}" for result in (ours, theirs)]
        print(f"| {name:<44} | {cells[0]:<30} | {cells[1]:<34} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
