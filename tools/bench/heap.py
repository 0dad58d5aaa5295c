"""The least heap that a server starts with, and serves five browsers at once with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tools.bench import load
from tools.bench.servers import BenchError, Run, Server, interpreter, running
from tools.board.heap import plan_heap

STEP = 512  # bytes; the answer is right to this
LEAST, MOST = 6 * 1024, 144 * 1024
ROUNDS = 3  # times that five browsers come
_GIVE_UP = 3.0  # seconds for a start, or for five answers


def least_heap(server: Server, rom: bool, at_once: int, step: int = STEP) -> int | None:
    """Bytes, as `-X heapsize=` of a bare interpreter; None: not even the most is enough.

    at_once: browsers to serve; 0: it only has to start and answer curl.
    """
    surplus = _surplus(server, rom)

    def serves(size: int) -> bool:
        run = Run(server, size + surplus, rom, share=size)
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


def _surplus(server: Server, rom: bool) -> int:
    """Bytes that the stand-ins and the ROMFS image take, which on the chip lie in flash."""
    size = 56 * 1024
    run = Run(server, rom=rom, mode="measure", share=size)

    async def try_out(heap: int) -> int:
        return _measured(replace(run, heap=heap))

    rom_size = run.image.stat().st_size if run.image else 0
    plan = asyncio.run(plan_heap(Path(interpreter()), size, rom_size, try_out))
    return plan.size - size


def _measured(run: Run) -> int:
    printed = run.output(30)
    if not (found := re.fullmatch(r"(\d+)\s*", printed)):
        raise BenchError(f"{run.server.name}: {printed.strip()[-200:]}")
    return int(found.group(1))
