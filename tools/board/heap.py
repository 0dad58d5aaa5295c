"""How large the interpreter's heap must be for the firmware to get what was asked for.

The fakes and the ROMFS image lie in the interpreter's heap, on the chip they lie in flash. What
they hold as boot.py starts is measured and added on top, and so is what sockets will take more
than on the chip.
"""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tools.board.interpreter import BoardError

_PRINT_HEAP = """
import gc, sys
gc.collect()
print(gc.mem_free(), gc.mem_alloc(), 8 if sys.maxsize >> 31 else 4, sys.platform)
"""
_ROOM_FOR_FAKES = 81920
_CLOSE_ENOUGH = 64  # bytes
_TRIES = 6
_CHIP = "esp8266"  # sys.platform of tools/chip's interpreter
# Open sockets of vm/socket.py hold 224 bytes each where lwIP's would take 80: bytes of a 64-bit
# heap, half as many of a 32-bit one. Five connections, a listener and a name server have one.
SOCKETS = (5 + 1 + 1) * (224 - 80)


@dataclass(frozen=True)
class HeapPlan:
    """Bytes: what to ask the interpreter for, and what of it the firmware has."""

    size: int  # for -X heapsize=
    free: int  # gc.mem_free() as boot.py starts: a bare interpreter's, and what sockets will take
    share: int  # the firmware's whole heap; gc.threshold is a quarter of it
    reports: bool = False  # the interpreter is the chip's own: it tells of its stack and heap


async def bare_heap(program: Path, size: int) -> tuple[int, int, int, str]:
    """(mem_free, mem_alloc, bytes of a word, sys.platform) of an interpreter without fakes at its
    start."""
    command = [str(program), "-X", f"heapsize={size}", "-c", _PRINT_HEAP]
    try:
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=30, check=True
        )
        *numbers, platform = done.stdout.split()
        free, used, word = map(int, numbers)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise BoardError(
            f"{program} is no MicroPython that runs here with a heap of {size} bytes"
        ) from error
    return free, used, word, platform


async def plan_heap(
    program: Path,
    size: int,
    rom_size: int,
    try_out: Callable[[int], Awaitable[int]],
    sockets: int = 0,
) -> HeapPlan:
    """Find the heap size with which `try_out`, a start as far as boot.py, reports a bare one's.

    sockets: bytes of a 64-bit heap that it is to have more, for fakes made while it runs.
    """
    free, used, word, platform = await bare_heap(program, size)
    wanted = free + sockets * word // 8
    heap = size + rom_size + _ROOM_FOR_FAKES
    for _ in range(_TRIES):
        surplus = await try_out(heap) - wanted
        if 0 <= surplus < _CLOSE_ENOUGH:
            break
        heap -= surplus
    return HeapPlan(heap, wanted, free + used, platform == _CHIP)
