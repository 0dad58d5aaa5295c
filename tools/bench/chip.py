"""The same servers on the chip's own processor: instructions of a request, and the least heap.

Each runs on the virtual board, from ROMFS, with the board's own socket, machine and network, and in
the chip's 38,912 bytes of heap where the least is not what is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.bench import load
from tools.bench.heap import bisect
from tools.bench.servers import BOARDS, BenchError, Server
from tools.chip import build
from tools.chip.count import Cost, Counted, CountError
from tools.heap import gate

HEAP_STEP = 256  # bytes; the least heap is right to this
BOARDS_IN_A_ROW = 3  # that must serve: near its least a heap is enough now and then
HEAPS = {"starts": 0, "five browsers": gate.BROWSERS}  # browsers at once
REQUESTS = {
    "curl": (load.CURL,),
    "browser": (load.BROWSER,),
    "in turn": (load.BROWSER, load.OTHER_BROWSER),
}


@dataclass
class OnChip:
    """What a server takes there: costs by the kinds of REQUESTS, bytes of heap by those of HEAPS.

    A kind that was not measured is left out; the heap is None where the most was not enough. fails:
    why there are no costs, since it does not serve in the chip's heap.
    """

    costs: dict[str, Cost] = field(default_factory=dict)
    heap: dict[str, int | None] = field(default_factory=dict)
    fails: str = ""


def unavailable(counting: bool = True) -> str:
    """Why nothing can be measured on this machine; empty where it can. counting: instructions."""
    try:
        chip = build.get()
    except (build.Unavailable, build.BuildFailed) as error:
        return str(error)
    return "" if chip.plugin or not counting else "this machine's QEMU loads no plugin"


def costs(server: Server, requests: int) -> dict[str, Cost]:
    """`requests` of each kind, after some that do not count. BenchError where the server does not
    start, or not answer, in the chip's heap."""
    options, files = _image(server)
    try:
        with Counted(*options, files=files) as board:
            if gate.port_of(board) is None:
                raise BenchError(f"does not start: {' '.join(board.lines[-1:])}")
            return {kind: board.measure(asked, requests) for kind, asked in REQUESTS.items()}
    except (CountError, OSError) as error:
        raise BenchError(f"does not serve: {error}") from error


def _image(server: Server) -> tuple[tuple[str, str], dict[str, bytes]]:
    """Options and files of its board."""
    root = BOARDS / server.name / "fs"
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.iterdir()}
    return ("--rom", str(root.with_name("romfs.img"))), files


def least_heap(server: Server, browsers: int) -> int | None:
    """Bytes of the chip's heap, the port's own start included; None: the most is not enough."""

    def serves(size: int) -> bool:
        layout = gate.Layout(server.name, size)
        try:
            boards = (gate.serves(BOARDS, layout, size, browsers) for _ in range(BOARDS_IN_A_ROW))
            return all(boards)
        except OSError:  # a time-out: it hangs, or its board does not even start
            return False

    return bisect(serves, HEAP_STEP)
