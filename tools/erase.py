"""`python -m tools.erase`: everything off a board's flash, MicroPython and saved Wi-Fi included."""

from __future__ import annotations

import argparse
import sys

from tools import serial_port
from tools.command import Stop, agreed, at_terminal, run
from tools.flash import chip


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.erase", description=__doc__)
    add = parser.add_argument
    add("--port", help="serial port of the board; the only one there is, unless told otherwise")
    add("--yes", action="store_true", help="do not ask")
    add("--dry-run", action="store_true", help="print each step; touch no board")
    return parser.parse_args(arguments)


def erase(options: argparse.Namespace) -> None:
    if options.dry_run:
        print(f"1. connect to {options.port or 'the only board there is'}, check the chip")
        print("2. erase its flash, from 0x000000 to its end")
        return
    port = serial_port.find(options.port)
    if not options.yes:
        if not at_terminal():
            raise Stop("nobody to ask whether to erase the board: say YES=1")
        print("What is on it can be kept before: `make backup`.")
        if not agreed(f"Erase everything on the board at {port}?", default=False):
            raise Stop("nothing was erased")
    with chip.opened(port) as board:
        board.erase()
    print("the flash is blank: `make flash` makes it a Picopin again")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("erase", lambda: erase(options))


if __name__ == "__main__":
    sys.exit(main())
