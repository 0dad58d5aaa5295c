"""What the chip's own processor does by itself: stack, heap, scheduler, clock, imports, resets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.board.process import BoardProcess
from tools.chip import build

# Real boards print `stack: 2080 out of 8192` to 2144 at their REPL (micropython.mem_info(), in
# reports of several years).
LEAST_DEPTH, MOST_DEPTH = 2080, 2144


@pytest.fixture(autouse=True)
def _chip(chip: build.Chip) -> None:
    """Every test here runs on it."""


def board(*options: str, **files: str) -> BoardProcess:
    """A board with these files: `main`, `boot`."""
    sources = {f"{name}.py": text.encode() for name, text in files.items()}
    return BoardProcess("--cpu", "lx106", *options, files=sources)


def run(main: str, **files: str) -> list[str]:
    """What it prints until main.py is over."""
    with board(main=main, **files) as running:
        return running.finish()


def test_the_depth_of_a_module_is_that_of_a_board() -> None:
    tells = "import micropython; print(micropython.stack_use())"
    depths = [int(line) for line in run(tells, boot=tells)]
    assert len(depths) == 2
    assert all(LEAST_DEPTH <= depth <= MOST_DEPTH for depth in depths)


def test_a_stack_of_8_kib_ends_in_a_runtime_error() -> None:
    lines = run("""
def nested(n):
    return nested(n + 1)
try:
    nested(0)
except RuntimeError as e:
    print(e)
""")
    assert lines == ["maximum recursion depth exceeded"]


def test_the_heap_is_that_of_the_chip() -> None:
    """36,608 bytes were free as boot.py started on the first interpreter of this kind: 38 KiB
    (ports/esp8266/main.c) less the tables of py/gc.c, and what _boot.py and flashbdev.py keep.
    _boot.py is frozen now, as on the chip (ports/esp8266/boards/manifest.py): its names, 448 bytes,
    lie in flash. What is asked here is compiled, which keeps less than 100."""
    lines = run("", boot="import gc; gc.collect(); print(gc.mem_free())")
    assert 36_608 + 448 - 100 <= int(lines[0]) <= 36_608 + 448 + 100


def test_the_clock_starts_anew_in_each_life() -> None:
    with board(main="import time, machine; print('at', time.ticks_ms())") as running:
        for life in (1, 2):
            found = running.wait_line(r"^at (\d+)", life)
            assert int(found[life - 1]) < 2000
            if life == 1:
                running.control(reset="software")


_COUNTED = """
import sys, uos
reads = 0
class Counting:
    def __init__(self, bdev):
        self.bdev = bdev
    def readblocks(self, *args):
        global reads
        reads += 1
        return self.bdev.readblocks(*args)
    def writeblocks(self, *args):
        return self.bdev.writeblocks(*args)
    def ioctl(self, *args):
        return self.bdev.ioctl(*args)
from flashbdev import bdev
uos.umount("/")
uos.mount(uos.VfsLfs2(Counting(bdev)), "/")
def count(name):
    global reads
    reads = 0
    __import__(name)
    sys.modules.pop(name, None)
    return reads
print(count("ujson"), count("json") > 0, count("uos"), count("os") > 0)
"""


def test_a_plain_name_of_a_built_in_searches_the_file_system() -> None:
    """py/builtinimport.c: only a module that is found nowhere else, or a name with a u before it,
    is taken from C at once."""
    assert run(_COUNTED) == ["0 True 0 True"]


# The scheduler has four places (MICROPY_SCHEDULER_DEPTH): ports/esp8266/machine_pin.c and
# modmachine.c schedule, and what finds no place is lost.

_EDGES = """
import time
from machine import Pin
import micropython
seen = 0
def edge(pin):
    global seen
    seen += 1
Pin(5, Pin.IN, Pin.PULL_UP).irq(edge, Pin.IRQ_FALLING | Pin.IRQ_RISING)
def busy(_):
    print("busy")
    while Pin(4).value() == 0:
        pass
micropython.schedule(busy, 0)
while Pin(4).value() == 0:
    pass
time.sleep_ms(1)
print("edges", seen)
"""


def test_the_fifth_interrupt_is_lost_while_four_wait() -> None:
    with board(main=_EDGES) as running:
        running.wait_line("^busy")
        for level in (0, 1) * 4:
            running.control(set_pin={"pin": 5, "level": level})
        running.control(set_pin={"pin": 4, "level": 1})
        assert running.wait_line(r"^edges (\d+)") == ["4"]


_FULL = """
import micropython, time
from machine import Timer
fired = []
def waits(i):
    fired.append(i)
def busy(_):
    for i in range(4):
        micropython.schedule(waits, i)
    try:
        micropython.schedule(waits, 9)
    except RuntimeError as e:
        print(e)
    Timer(-1).init(mode=Timer.ONE_SHOT, period=2, callback=lambda t: fired.append("timer"))
    end = time.ticks_add(time.ticks_ms(), 50)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        pass
micropython.schedule(busy, 0)
time.sleep_ms(100)
print(fired)
"""


def test_a_timer_that_finds_four_waiting_is_lost() -> None:
    assert run(_FULL) == ["schedule queue full", "[0, 1, 2, 3]"]


def test_ctrl_c_is_a_keyboard_interrupt() -> None:
    loop = """
print("runs")
try:
    while True:
        pass
except KeyboardInterrupt:
    print("interrupted")
"""
    with board(main=loop) as running:
        running.wait_line("^runs")
        running.control(interrupt=None)
        assert "interrupted" in running.finish()


_OBSERVER = """
from machine import RTC, Pin, reset_cause
print("life", reset_cause(), RTC().memory(), Pin(4).value())
RTC().memory(b"note")
Pin(4, Pin.OUT, value=1)
print("marked")
while True:
    pass
"""


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ({"reset": "software"}, "4 b'note' 1"),
        ({"reset": "watchdog"}, "3 b'note' 1"),
        ({"reset": "exception"}, "2 b'note' 1"),
        ({"reset": "hardware_watchdog"}, "1 b'note' 0"),
        ({"reset": "hard"}, "6 b'note' 0"),
        ({"power": "cycle"}, "0 b'' 0"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_a_program_that_hangs_is_reset(command: dict[str, str], found: str) -> None:
    with board(main=_OBSERVER) as running:
        running.wait_line("^marked")
        running.control(**command)
        assert running.wait_line(r"^life (.*)", 2) == ["0 b'' 0", found]


def test_a_reset_that_the_program_asks_for() -> None:
    """The stack's peak before it is told, since nothing can be asked afterwards."""
    asks = "import machine\nif machine.reset_cause() == 0:\n    machine.reset()\nprint('again')\n"
    with board(main=asks) as running:
        running.wait_line("^again")
        [report] = running.entries(event="memory", of="reset")
        assert LEAST_DEPTH < report["stack"] < 6000
        assert running.wait_entry(2, event="boot")["cause"] == "software"


def test_a_power_cut_in_the_middle_of_a_write() -> None:
    writes = """
import uos
print("life", sorted(uos.listdir()))
with open("kept", "w") as f:
    f.write("x" * 5000)
print("written")
"""
    with board("--power-cut", "3:torn", main=writes) as running:
        running.wait_entry(event="power cut")
        running.wait_line("^written")
        assert running.wait_entry(2, event="boot")["cause"] == "power"


@pytest.fixture
def serial() -> Iterator[tuple[BoardProcess, str]]:
    """A board whose main.py never ends, and the path of its serial line."""
    with board("--serial", main="x = 6\nprint('runs')\nwhile True:\n    pass\n") as running:
        yield running, running.wait_line(r"serial (\S+)")[0]


def mpremote(path: str, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "mpremote"), "connect", path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mpremote(serial: tuple[BoardProcess, str], tmp_path: Path) -> None:
    running, path = serial
    sent, back = tmp_path / "sent.bin", tmp_path / "back.bin"
    sent.write_bytes(bytes(range(256)) * 8)
    assert mpremote(path, "resume", "exec", "print(x * 7)") == "42\n"
    copies = ("cp", str(sent), ":sent.bin", "+", "cp", ":sent.bin", str(back))
    mpremote(path, "resume", *copies)
    assert back.read_bytes() == sent.read_bytes()
    mpremote(path, "resume", "reset")
    running.wait_entry(event="boot", cause="software")
