"""The serial line: a person at a terminal, mpremote and adafruit-ampy, as on a board.

What the chip does at Ctrl-C and Ctrl-D: ports/esp8266/main.c and shared/runtime/pyexec.c.
"""

import contextlib
import os
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.board.process import BoardProcess
from tools.board.serial import ReplWatch

PATIENCE = 15.0
PROMPT = b">>> "
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
SERVE = b"""
import asyncio, network
network.WLAN(network.AP_IF).active(True)
async def serve(reader, writer):
    while (await reader.readline()).strip():
        pass
    await writer.awrite(b"HTTP/1.1 200 OK\\r\\n\\r\\nserved")
    writer.close()
    await writer.wait_closed()
async def main():
    await asyncio.start_server(serve, "0.0.0.0", 80)
    print("main serves")
    await asyncio.sleep(1000)
answer = 42
asyncio.run(main())
"""
BOOT = b"print('boot runs')\n"


class Line:
    """Someone at the serial line."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self.seen = b""

    def type(self, data: bytes) -> None:
        os.write(self._file, data)

    def until(self, end: bytes) -> bytes:
        """What came up to and with `end`."""
        deadline = time.monotonic() + PATIENCE
        while end not in self.seen:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self._file], [], [], left)[0]:
                raise AssertionError(f"waited for {end!r}, saw {self.seen[-2000:]!r}")
            self.seen += os.read(self._file, 1024)
        found, _, self.seen = self.seen.partition(end)
        return found + end

    def run(self, code: bytes) -> bytes:
        """Run code in the raw REPL; answers what it printed."""
        self.type(code + b"\x04")
        assert self.until(b"OK") == b"OK"
        output, error, _ = self.until(b"\x04>").split(b"\x04")
        return output + error

    def close(self) -> None:
        os.close(self._file)


@contextlib.contextmanager
def board_with(main: bytes, boot: bytes = BOOT) -> Iterator[tuple[BoardProcess, str]]:
    files = {"boot.py": boot, "main.py": main}
    with BoardProcess("--http-port", "0", "--serial", files=files) as board:
        yield board, board.wait_line(r"serial (\S+)")[0]


@pytest.fixture
def serving() -> Iterator[tuple[BoardProcess, str]]:
    """A board whose main.py serves, and the path of its serial line."""
    with board_with(SERVE) as (board, path):
        board.ready()
        yield board, path


@pytest.fixture
def line(serving: tuple[BoardProcess, str]) -> Iterator[Line]:
    made = Line(serving[1])
    yield made
    made.close()


def run_tool(name: str, *arguments: str) -> str:
    """Run a program that pip installed beside this Python."""
    command = [str(Path(sys.executable).parent / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{name} {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


# A person at a terminal


def test_ctrl_c_ends_the_server_and_the_repl_has_its_names(line: Line) -> None:
    line.type(b"\x03")
    assert b"KeyboardInterrupt" in line.until(PROMPT)
    line.type(b"answer\r")
    assert line.until(PROMPT) == b"answer\r\n42\r\n>>> "


def test_ctrl_c_twice_is_as_good_as_once(line: Line) -> None:
    line.type(b"\r\x03\x03")
    line.until(PROMPT)
    line.type(b"\x03\x03print('alive')\r")
    assert b"\r\nalive\r\n" in line.until(b"alive\r\n>>> ")


def test_ctrl_c_ends_a_busy_loop() -> None:
    with board_with(b"print('busy')\nwhile True:\n    pass\n") as (board, path):
        board.wait_line("busy")
        line = Line(path)
        line.type(b"\x03")
        assert b"KeyboardInterrupt" in line.until(PROMPT)
        line.close()


def test_ctrl_c_ends_a_scan_that_never_ends() -> None:
    """network_wlan.c, esp_scan() looks at mp_pending_exception in its loop."""
    main = b"""
import network
sta = network.WLAN(0)
sta.active(True)
while True:
    sta.scan()
    print("scanned")
"""
    with board_with(main) as (board, path):
        board.control(delays={"scan": 0.05})
        board.wait_line("scanned")
        board.control(wifi="scan refused")
        scans = -1
        while scans != (scans := board.control(wifi=None)["wifi"]["scans"]):
            time.sleep(0.3)  # until it stands still
        line = Line(path)
        line.type(b"\x03")
        assert b"KeyboardInterrupt" in line.until(PROMPT)
        line.close()


def test_lines_typed_ahead_are_not_lost(line: Line) -> None:
    line.type(b"\x03")
    line.until(PROMPT)
    line.type(b"a = 1\rb = 2\rprint(a + b)\r")
    assert line.until(b"\r\n3\r\n>>> ")


def test_ctrl_d_runs_boot_and_main_again(line: Line, serving: tuple[BoardProcess, str]) -> None:
    line.type(b"\x03")
    line.until(PROMPT)
    line.type(b"\x04")
    assert line.until(b"main serves\r\n") == b"\r\nMPY: soft reboot\r\nboot runs\r\nmain serves\r\n"
    serving[0].ready(2)


def test_the_repl_follows_main_when_it_ends() -> None:
    with board_with(b"x = 'kept'\n") as (board, path):
        line = Line(path)
        board.wait_entry(event="idle")
        line.type(b"x\r")
        assert b"'kept'" in line.until(b"'kept'\r\n>>> ")
        line.close()


def test_nothing_is_echoed_but_by_the_repl(line: Line) -> None:
    line.type(b"typed while main.py serves")
    line.type(b"\r\x03")
    assert b"typed" not in line.until(b"KeyboardInterrupt")


# What leaves as it is

SAYS = b"""
import sys
from machine import Pin
while not Pin(5).value():
    pass
print("print")
sys.stdout.write("stdout\\n")
sys.stderr.write(b"stderr\\n")
sys.stdout.buffer.write(b"buffer\\n")
print("print", file=sys.stderr)
sys.stderr.buffer.write("text\\n")
print("cr\\r")
sys.stdout.buffer.write(memoryview(b"crlf\\r\\n"))
sys.print_exception(ValueError("shown"), sys.stdout)
print("over", end="")
"""


def test_the_lines_of_a_program_end_as_on_the_wire() -> None:
    """print(), sys.stdout and sys.stderr are cooked, their `buffer` is not (sys_stdio_mphal.c)."""
    with board_with(SAYS) as (board, path):
        line = Line(path)
        board.control(set_pin={"pin": 5, "level": 1})
        seen = line.until(b"over")
        line.close()
    assert seen[seen.index(b"print") :] == (
        b"print\r\nstdout\r\nstderr\r\nbuffer\nprint\r\ntext\ncr\r\r\ncrlf\r\n"
        b"ValueError: shown\r\nover"
    )


def test_what_leaves_as_it_is_comes_in_its_place_however_much_it_is() -> None:
    main = b"""
import sys
from machine import Pin
while not Pin(5).value():
    pass
for i in range(2000):
    print("printed", i)
    sys.stdout.buffer.write(b"sent %d\\n" % i)
print("over", end="")
"""
    with board_with(main) as (board, path):
        line = Line(path)
        board.control(set_pin={"pin": 5, "level": 1})
        seen = line.until(b"over")
        line.close()
    wanted = b"".join(b"printed %d\r\nsent %d\n" % (i, i) for i in range(2000))
    assert seen[seen.index(b"printed") :] == wanted + b"over"


# The raw REPL


def test_ctrl_d_in_the_raw_repl_runs_boot_and_not_main(line: Line) -> None:
    line.type(b"\r\x03\r\x01")
    line.until(RAW_PROMPT)
    assert line.run(b"print(answer)") == b"42\r\n"
    line.type(b"\x04")
    after = b"OK\r\nMPY: soft reboot\r\nboot runs\r\n" + RAW_PROMPT
    assert line.until(RAW_PROMPT) == after
    assert b"NameError" in line.run(b"print(answer)")
    line.type(b"\x02")
    line.until(PROMPT)
    line.type(b"\x04")
    assert b"main serves" in line.until(b"main serves\r\n")


def test_a_hard_reset_leaves_the_raw_repl(line: Line, serving: tuple[BoardProcess, str]) -> None:
    line.type(b"\r\x03\r\x01")
    line.until(RAW_PROMPT)
    line.type(b"import machine; machine.reset()\x04")
    assert b"soft reboot" not in line.until(b"main serves\r\n")
    assert serving[0].wait_entry(2, event="boot")["cause"] == "software"


def test_ctrl_c_ends_code_of_the_raw_repl(line: Line) -> None:
    line.type(b"\r\x03\r\x01")
    line.until(RAW_PROMPT)
    line.type(b"print('runs')\nwhile True: pass\x04")
    line.until(b"runs\r\n")  # while it compiles, Ctrl-C is a key like any other
    line.type(b"\x03")
    assert b"KeyboardInterrupt" in line.until(b"\x04>")


# A line that is slow, or that nobody listens to


def test_a_slow_reader_loses_nothing(line: Line) -> None:
    line.type(b"\r\x03\r\x01")
    line.until(RAW_PROMPT)
    line.type(b"for i in range(3000): print('line', i, 'of many')\x04")
    line.until(b"OK")
    time.sleep(0.3)  # the terminal's buffers fill meanwhile
    lines = line.until(b"\x04>").split(b"\r\n")[:-1]
    assert lines == [b"line %d of many" % i for i in range(3000)]


def test_what_nobody_hears_is_lost_and_stops_nobody() -> None:
    main = b"for i in range(5000): print('line', i)\nprint('over')\n"
    with board_with(main) as (board, path):
        board.wait_line("over")
        board.wait_entry(event="idle")
        line = Line(path)
        line.type(b"\r")
        assert b"line" not in line.until(PROMPT)
        line.close()


# The tools


@pytest.mark.parametrize("resume", [["resume"], []])
def test_mpremote(serving: tuple[BoardProcess, str], tmp_path: Path, resume: list[str]) -> None:
    board, path = serving
    sent, back = tmp_path / "sent.bin", tmp_path / "back.bin"
    sent.write_bytes(bytes(range(256)) * 12)
    port = ["connect", path, *resume]
    assert run_tool("mpremote", *port, "exec", "print(6 * 7)") == "42\n"
    run_tool("mpremote", *port, "cp", str(sent), ":sent.bin", "+", "cp", ":sent.bin", str(back))
    assert back.read_bytes() == sent.read_bytes()
    run_tool("mpremote", *port, "reset")
    board.ready(2)
    assert board.wait_entry(event="reset", reset="software")


def test_ampy(serving: tuple[BoardProcess, str], tmp_path: Path) -> None:
    _, path = serving
    sent, back, script = (tmp_path / name for name in ("sent.bin", "back.bin", "script.py"))
    sent.write_bytes(bytes(range(256)) * 4)
    script.write_text("print('from ampy')\n")
    run_tool("ampy", "-p", path, "put", str(sent), "sent.bin")
    assert run_tool("ampy", "-p", path, "ls").split() == ["/boot.py", "/main.py", "/sent.bin"]
    run_tool("ampy", "-p", path, "get", "sent.bin", str(back))
    assert back.read_bytes() == sent.read_bytes()
    assert run_tool("ampy", "-p", path, "run", str(script)) == "from ampy\n"


# Reading along: banners may come in any pieces

BANNER = b'MicroPython v9 on 2026-07-05; linux\r\nType "help()" for more information.\r\n>>> '


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_banner_in_pieces_is_hidden_on_the_way_to_the_raw_repl(size: int) -> None:
    typed: list[bytes] = []
    watch = ReplWatch(True, typed.append)
    printed = b"boot says Micro\r\n" + BANNER
    shown = b"".join(watch.take(printed[i : i + size]) for i in range(0, len(printed), size))
    assert shown == b"boot says Micro\r\n"
    assert typed == [b"\x01"]
    raw = b"\r\n" + RAW_PROMPT
    shown = b"".join(watch.take(raw[i : i + size]) for i in range(0, len(raw), size))
    assert shown == RAW_PROMPT
    assert watch.raw


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_which_repl_it_is(size: int) -> None:
    watch = ReplWatch(False, lambda data: None)
    for printed, raw in ((BANNER, False), (b"\r\n" + RAW_PROMPT, True), (b"\r\n" + BANNER, False)):
        for i in range(0, len(printed), size):
            piece = printed[i : i + size]
            assert watch.take(piece) == piece
        assert watch.raw is raw
    assert watch.in_repl


def test_the_terminal_is_raw(serving: tuple[BoardProcess, str]) -> None:
    file = os.open(serving[1], os.O_RDWR | os.O_NOCTTY)
    before = termios.tcgetattr(file)
    assert not before[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    os.close(file)
