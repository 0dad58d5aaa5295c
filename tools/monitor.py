"""`python -m tools.monitor`: the board's console, with the source line under each traceback's line.

Compiled code has no source on the board: `File "picopin.web", line 12` says where it was, and
the line itself is shown from lib/ here.  Keys go to the board; Ctrl-] leaves.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import cache

from serial.tools import miniterm

from tools import serial_port
from tools.command import at_terminal, run
from tools.device_packages import PACKAGES, ROOT

FRAME = re.compile(r'File "([^"]+)", line (\d+)')
# Where the sources are of what runs on the board.
PLACES = (ROOT, ROOT / "lib", ROOT / "lib/picopin/cold", PACKAGES)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.monitor", description=__doc__)
    parser.add_argument("--port", help="serial port of the board; the only one there is, else")
    return parser.parse_args(arguments)


@cache
def source_lines(name: str) -> list[str]:
    """The lines of a file or module as the board names it; none where it is not ours."""
    file = name.lstrip("/").removeprefix("rom/").removeprefix("lib/")
    module = name.replace(".", "/")
    for place in PLACES:
        for path in (place / file, place / f"{module}.py", place / module / "__init__.py"):
            if path.is_file():
                return path.read_text("utf-8", "replace").splitlines()
    return []


def annotation(line: str) -> str:
    """The source line that a line of a traceback speaks of, or nothing."""
    if match := FRAME.search(line):
        lines, number = source_lines(match[1]), int(match[2])
        if 1 <= number <= len(lines):
            return f"    {lines[number - 1].strip()}"
    return ""


class Annotate(miniterm.Transform):
    """What comes from the board, each traceback's line followed by its source."""

    def __init__(self) -> None:
        self.line = ""

    def rx(self, text: str) -> str:
        shown = ""
        for character in text:
            shown += character
            if character != "\n":
                self.line += character
                continue
            if note := annotation(self.line):
                shown += note + "\r\n"
            self.line = ""
        return shown


def interactive(port: str) -> None:
    """pyserial's own terminal, with our transformation of what it receives."""
    with serial_port.opened(port) as line:
        miniterm.TRANSFORMATIONS["source"] = Annotate
        terminal = miniterm.Miniterm(line, filters=["source"])
        terminal.set_rx_encoding("utf-8")
        terminal.set_tx_encoding("utf-8")
        terminal.console.setup()  # before the first key, which would wait for Enter else
        print(f"{port}: Ctrl-] leaves, Ctrl-C stops the program, Ctrl-D starts it anew", end="\r\n")
        terminal.start()
        try:
            terminal.join(transmit_only=True)
        finally:
            terminal.stop()
            terminal.join()


def follow(port: str) -> None:
    """Without a terminal: only what the board prints."""
    with serial_port.opened(port) as line:
        print(f"{port}: Ctrl-C leaves", flush=True)
        for text in serial_port.lines(line):
            print(text, flush=True)
            if note := annotation(text):
                print(note, flush=True)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    show = interactive if at_terminal() else follow
    return run("monitor", lambda: show(serial_port.find(options.port)))


if __name__ == "__main__":
    sys.exit(main())
