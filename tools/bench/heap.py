"""The least heap that a server starts with, and serves five browsers at once with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.bench import load
from tools.bench.servers import BenchError, Run, Server, interpreter, running
from tools.board.heap import plan_heap

STEP = 512  # bytes; the answer is right to this
LEAST, MOST = 6 * 1024, 144 * 1024
ROUNDS = 3  # times that five browsers come
_LARGEST = 320  # places of a table of names
_GIVE_UP = 3.0  # seconds for a start, or for five answers


def least_heap(server: Server, rom: bool, at_once: int, step: int = STEP) -> int | None:
    """Bytes, as `-X heapsize=` of a bare interpreter; None: not even the most is enough.

    at_once: browsers to serve; 0: it only has to start and answer curl.
    """
    names = _names(server, rom)
    surplus = _surplus(server, rom, names)

    def serves(size: int) -> bool:
        run = Run(server, size + surplus, rom, share=size, names=names)
        try:
            with running(run, _GIVE_UP) as started:
                return not at_once or _holds(started.port, at_once, started.alive)
        except BenchError:
            return False

    return bisect(serves, step)


def _holds(port: int, at_once: int, alive: Callable[[], bool]) -> bool:
    rounds = (load.browsers_at_once(port, at_once, _GIVE_UP) for _ in range(ROUNDS))
    return all(rounds) and alive()


def bisect(serves: Callable[[int], bool], step: int) -> int | None:
    low, high = LEAST // step, MOST // step
    if not serves(high * step):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if serves(middle * step):
            high = middle
        else:
            low = middle
    return high * step


def names_to_add(used: int, own: int) -> int:
    """How many names to make before a program starts, so that it pays for its own what it should.

    MicroPython keeps names in tables of 20, 40, 80 places and so on; one is made when all before
    are full. On the chip `own` names would begin the last of theirs when `before` are there, at
    the price of all of them. The stand-ins have `used` names, which the chip's firmware has built
    in. They are filled up until `before` places are left: the program then begins its next table
    at the same point, and that one costs as much as all of the chip's, to 20 places. Tables end
    with the one that Picopin must do with (tests/memory/test_names.py): some of what counts as its
    own here is in the chip's modules.
    """
    before, table = 0, 20
    while own > before + table and table < _LARGEST:
        before, table = before + table, 2 * table
    return max(0, table - used)


@cache
def _names(server: Server, rom: bool) -> int:
    run = Run(server, rom=rom)
    run.heap += run.image.stat().st_size if run.image else 0
    used = _counted(replace(run, mode="measure").output(30))
    with running(replace(run, mode="count")) as started:
        sample = load.one_by_one(started.port, load.BROWSER, 3)
        started.wait_lines("qstr pool", 3)
        if sample.failed:
            raise BenchError(f"{server.name}: {sample.failed} requests failed")
        return names_to_add(used, _counted("\n".join(started.lines)) - used)


def _counted(printed: str) -> int:
    """What micropython.qstr_info() said last."""
    found = re.findall(r"n_qstr=(\d+)", printed)
    if not found:
        raise BenchError(f"no count of names: {printed.strip()[-200:]}")
    return int(found[-1])


def _surplus(server: Server, rom: bool, names: int) -> int:
    """Bytes that the stand-ins and the ROMFS image take, which on the chip lie in flash."""
    size = 56 * 1024
    run = Run(server, rom=rom, mode="measure", share=size, names=names)

    async def try_out(heap: int) -> int:
        return _measured(replace(run, heap=heap))

    rom_size = run.image.stat().st_size if run.image else 0
    plan = asyncio.run(plan_heap(Path(interpreter()), size, rom_size, try_out))
    return plan.size - size


def _measured(run: Run) -> int:
    printed = run.output(30)
    if not (found := re.search(r"^(\d+)\s*$", printed, re.MULTILINE)):
        raise BenchError(f"{run.server.name}: {printed.strip()[-200:]}")
    return int(found.group(1))
