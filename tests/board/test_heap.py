"""The firmware gets the heap that was asked for: fakes and ROMFS come on top."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.loop import run
from tools import images
from tools.board.heap import SOCKETS, plan_heap
from tools.board.process import PATIENCE, BoardProcess

_INTERPRETER = Path(sys.executable).parent / "micropython"
_PRINT = "import gc; print('heap', gc.mem_free(), gc.mem_free() + gc.mem_alloc(), gc.threshold())"
_NOT_FOR_FAKES = 0.01  # of the free heap, the difference that is allowed
_TRIES = 3  # an old word on a stack may hold some hundred bytes, at another place each time


def bare_heap(size: str) -> list[int]:
    command = [str(_INTERPRETER), "-X", f"heapsize={size}", "-c", _PRINT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return [int(word) for word in done.stdout.split()[1:]]


def close(differences: list[int], free: int) -> bool:
    return any(abs(difference) < _NOT_FOR_FAKES * free for difference in differences)


@pytest.mark.parametrize("size", ["38k", "51k", "57k"])
@pytest.mark.parametrize("rom_bytes", [0, 90_000])
def test_free_heap_at_boot_is_that_of_a_bare_interpreter(
    size: str, rom_bytes: int, tmp_path: Path
) -> None:
    more = []
    if rom_bytes:
        rom = tmp_path / "rom.img"
        rom.write_bytes(images.make_romfs({"data": bytes(rom_bytes)}))
        more = ["--rom", str(rom)]
    files = {"boot.py": _PRINT.encode()}
    differences = []
    bare_free, bare_whole, _ = bare_heap(size)
    free = threshold = "0"
    while len(differences) < _TRIES and not close(differences, bare_free):
        with BoardProcess("--heap", size, *more, files=files) as board:
            free, threshold = board.wait_line(r"^heap (.*)")[0].split()[::2]
            measured = board.wait_entry(event="heap")
        bare_free, bare_whole, _ = bare_heap(size)
        differences.append(measured["free"] - bare_free - SOCKETS)
    assert close(differences, bare_free)
    assert int(free) > 0.95 * bare_free  # boot.py itself was compiled by then
    assert abs(int(threshold) - bare_whole // 4) < 64


_PIECES = "import micropython; micropython.mem_info()"
_BLOCK = 32  # bytes of a 64-bit heap


def largest_piece(lines: list[str]) -> int:
    """Bytes, of what micropython.mem_info() prints."""
    found = re.search(r"max free sz: (\d+)", "\n".join(lines))
    assert found
    return int(found.group(1)) * _BLOCK


@pytest.mark.parametrize("rom_bytes", [0, 90_000])
def test_free_heap_lies_in_one_piece_as_in_a_bare_interpreter(
    rom_bytes: int, tmp_path: Path
) -> None:
    """What loading the fakes leaves between them is neither the firmware's room nor its loss."""
    rom = tmp_path / "rom.img"
    rom.write_bytes(images.make_romfs({"data": bytes(rom_bytes)}))
    command = [str(_INTERPRETER), "-X", "heapsize=51k", "-c", _PIECES]
    bare = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    files = {"boot.py": _PIECES.encode()}
    with BoardProcess("--heap", "51k", "--rom", str(rom), files=files) as board:
        piece = largest_piece(board.finish())
    assert piece > 0.98 * largest_piece(bare.stdout.splitlines())


@pytest.mark.parametrize(
    ("word", "platform", "sockets"), [(8, "linux", SOCKETS), (4, "esp8266", SOCKETS // 2)]
)
def test_an_interpreter_of_the_chips_word_size_gets_half_for_sockets(
    word: int, platform: str, sockets: int, tmp_path: Path
) -> None:
    program = tmp_path / "micropython"
    program.write_text(f"#!/bin/sh\necho 30000 1000 {word} {platform}\n")
    program.chmod(0o755)

    async def try_out(heap: int) -> int:
        return heap - 40_000

    plan = run(plan_heap(program, 31_000, 0, try_out, SOCKETS))
    assert plan.free == 30_000 + sockets
    assert plan.size == 40_000 + plan.free
    assert plan.share == 31_000
    assert plan.reports == (platform == "esp8266")


_CALLS = (
    "Pin(2)",
    "Pin(2, Pin.OUT, value=1)",
    "Pin(2).value(1)",
    "Pin(2).value()",
    "Pin(2)(0)",
    "pwm.duty(5)",
    "pwm.freq()",
    "adc.read()",
    "sta.status()",
    "sta.isconnected()",
    "sta.active()",
    "time.sleep_ms(1)",
    "time.time()",
    "poller.ipoll(0)",
    "RTC().memory(mark)",
    "reset_cause()",
)


def test_the_usual_calls_allocate_nothing() -> None:
    """What a handler does with a pin must cost the heap what it costs on the chip."""
    program = """
import gc, network, select, time
from machine import *
pwm = PWM(Pin(4))
adc = ADC(0)
sta = network.WLAN(0)
poller = select.poll()
poller.ipoll(0)
mark = b"12345678"
used = [1] * {count}
functions = [{functions}]
gc.collect()
gc.disable()
for i in range({count}):
    function = functions[i]
    tries = 3  # the thread that waits for interrupts may allocate in between
    while used[i] and tries:
        tries -= 1
        before = gc.mem_alloc()
        function()
        used[i] = gc.mem_alloc() - before
print(used)
""".format(count=len(_CALLS), functions=", ".join(f"lambda: {call}" for call in _CALLS))
    with BoardProcess(files={"main.py": program.encode()}) as board:
        assert board.finish() == [str([0] * len(_CALLS))]
