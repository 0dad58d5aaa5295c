"""The console with the source line under each line of a traceback."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.person import Person
from tests.support.silent_line import SilentLine
from tools import monitor
from tools.board.process import PATIENCE, ROOT
from tools.device_packages import PACKAGES

LINES = (ROOT / "lib/picopin/query.py").read_text().splitlines()
NUMBER = next(number for number, line in enumerate(LINES, 1) if line.startswith("def "))
TRACEBACK = f'  File "picopin.query", line {NUMBER}, in parse'
NOTE = f"    {LINES[NUMBER - 1].strip()}"


@pytest.mark.parametrize(
    "name",
    ["picopin.query", "picopin/query.py", "/rom/lib/picopin/query.py", "lib/picopin/query.py"],
)
def test_a_frame_is_followed_by_its_source(name: str) -> None:
    assert monitor.annotation(TRACEBACK.replace("picopin.query", name)) == NOTE


def test_sources_of_the_packages_too() -> None:
    first = (PACKAGES / "picoweb/__init__.py").read_text().splitlines()[0]
    assert monitor.annotation('  File "picoweb", line 1, in x').strip() == first.strip()


@pytest.mark.parametrize(
    "line",
    ["plain", 'File "asyncio/core.py", line 9', 'File "picopin.query", line 99999', ">>> "],
)
def test_nothing_is_added_to_other_lines(line: str) -> None:
    assert monitor.annotation(line) == ""


def test_it_comes_in_any_pieces() -> None:
    printed = f"Traceback:\r\n{TRACEBACK}\r\nValueError: x\r\n>>> "
    for size in (1, 3, 1000):
        shown = monitor.Annotate()
        seen = "".join(shown.rx(printed[i : i + size]) for i in range(0, len(printed), size))
        assert seen == f"Traceback:\r\n{TRACEBACK}\r\n{NOTE}\r\nValueError: x\r\n>>> "


@pytest.fixture
def line() -> Iterator[SilentLine]:
    with SilentLine() as made:
        yield made


def test_without_a_terminal_it_prints_what_comes(line: SilentLine) -> None:
    command = [sys.executable, "-u", "-m", "tools.monitor", "--port", line.path]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert "Ctrl-C leaves" in process.stdout.readline()
        line.say(f"{TRACEBACK}\nValueError: x\n")
        seen = [process.stdout.readline().rstrip("\n") for _ in range(3)]
        process.kill()
    assert seen == [TRACEBACK, NOTE, "ValueError: x"]


def test_at_a_terminal_keys_go_to_the_board_and_ctrl_bracket_leaves(line: SilentLine) -> None:
    with Person("tools.monitor", "--port", line.path) as person:
        person.until("Ctrl-] leaves")
        line.say(f"{TRACEBACK}\n>>> ")
        person.until(NOTE.strip() + "\n>>> ")
        person.type("led\x03")
        assert line.heard(4, PATIENCE) == b"led\x03"
        person.type("\x1d")
        assert person.exit_code() == 0
