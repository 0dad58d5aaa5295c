"""The heap gate: five browsers at once on the chip's own processor, none of which hears 503.

All sizes are bytes of the chip's heap, the port's own start included: the fakes of the virtual
board come on top (tools/board/heap.py), the ROMFS image lies outside.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.bench.load import BROWSER, good, read_all
from tools.board.process import BoardProcess

KIB = 1024
BROWSERS = 5  # connections that the chip has, MEMP_NUM_TCP_PCB of the ESP8266's lwIP
ROUNDS = 3  # times that they come: the first one meets what is loaded for the first time
_PIECES = (100, 300)  # bytes of a request after which its client pauses
_ANSWER = 10.0  # seconds that answers may take
_TOO_SLOW = b"408"
_TRIES = 3
STEP = KIB // 4  # to which the least heap is found
MOST = 192 * KIB
CHIP = 38 * KIB  # ports/esp8266/main.c


@dataclass(frozen=True)
class Layout:
    """How the code lies on the board. `gate`: bytes of heap in which it serves five browsers."""

    name: str
    gate: int


# The whole of the chip's heap: what is left of it beside five browsers is the owner's. As .mpy
# files the code lies in the heap, and fits no chip: that is what it takes, and may only go down.
ROMFS = Layout("romfs", CHIP)
MPY = Layout("mpy", 52 * KIB)
LAYOUTS = (ROMFS, MPY)


@contextlib.contextmanager
def board(
    build: Path, layout: Layout, heap: int, changed: dict[str, bytes] | None = None
) -> Iterator[BoardProcess]:
    """A board with a layout of what is in `build`; `changed`: files in place of the built ones."""
    root = build / layout.name
    files = {
        path.relative_to(root / "fs").as_posix(): path.read_bytes()
        for path in (root / "fs").rglob("*")
        if path.is_file()
    }
    files |= changed or {}
    rom = root / "romfs.img"
    rom_option = ("--rom", str(rom)) if rom.is_file() else ()
    options = ("--http-port", "0", "--cpu", "lx106", "--heap", str(heap), *rom_option)
    with BoardProcess(*options, files=files) as running:
        yield running


def serves(build: Path, layout: Layout, heap: int, browsers: int = BROWSERS) -> bool:
    """Whether so many browsers at once have their answers from this heap, again and again."""
    with board(build, layout, heap) as running:
        port = port_of(running)
        return port is not None and all(answered(running, port, browsers) for _ in range(ROUNDS))


def port_of(running: BoardProcess) -> int | None:
    """Where it serves; None where main.py ended, or the board restarted, before it did."""

    def ready() -> list[str]:
        return [line for line in list(running.lines) if line.startswith("ready ")]

    def over() -> bool:
        return bool(running.entries(event="idle")) or len(running.entries(event="boot")) > 1

    running.wait(lambda: ready() or over(), "a server, or the end of main.py")
    return int(ready()[0].rstrip("/").rpartition(":")[2]) if ready() else None


def answered(running: BoardProcess, port: int, browsers: int) -> bool:
    """Whether all have 200: their requests lie half-open in pieces before any of them is whole."""
    for _ in range(_TRIES):
        answers = _ask(running, port, browsers)
        if not any(answer[9:12] == _TOO_SLOW for answer in answers):
            return len(answers) == browsers and all(map(good, answers))
    return False  # this machine was busy for the second that all places may be taken, thrice


def _ask(running: BoardProcess, port: int, browsers: int) -> list[bytes]:
    """What so many browsers hear; nothing where the board hangs up."""
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), _ANSWER))
            for _ in range(browsers)
        ]
        sent = 0
        try:
            for end in _PIECES:
                for client in clients:
                    client.sendall(BROWSER[sent:end])
                _wait_heard(running, browsers, end)
                sent = end
            for client in clients:
                client.sendall(BROWSER[sent:])
            return [read_all(client) for client in clients]
        except OSError:  # a reset, or no answer in time
            return []


def _wait_heard(running: BoardProcess, browsers: int, size: int) -> None:
    """Until the chip has so many bytes of each, or has let go of one of them."""

    def heard() -> bool:
        last = running.control(net=None)["net"]["connections"][-browsers:]
        return all(each["bytes_in"] == size or each["how"] for each in last)

    running.wait(heard, f"{size} bytes of each request")


def least(build: Path, layout: Layout, browsers: int) -> int | None:
    """Bytes, right to STEP; None where even the most is not enough. No browsers: it starts."""
    low, high = 0, MOST // STEP
    if not serves(build, layout, high * STEP, browsers):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if serves(build, layout, middle * STEP, browsers):
            high = middle
        else:
            low = middle
    return high * STEP
