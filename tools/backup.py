"""`python -m tools.backup`: all of a board's flash to a file, and back with --restore."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

from tools import serial_port
from tools.command import Stop, run
from tools.device_packages import ROOT
from tools.flash import chip

BACKUPS = ROOT / "build" / "backup"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.backup", description=__doc__)
    add = parser.add_argument
    add("--port", help="serial port of the board; the only one there is, unless told otherwise")
    add("--baud", type=int, default=chip.BAUD, help="115200 where a cable is poor")
    add("--restore", type=Path, metavar="FILE", help="write a backup back to the board")
    return parser.parse_args(arguments)


def save(port: str, baud: int) -> None:
    path = BACKUPS / time.strftime("board-%Y%m%d-%H%M%S.bin")
    with chip.opened(port, baud) as board:
        data = board.read(board.flash_bytes())
        board.restart()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{path}: {len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")
    print("it holds your Wi-Fi passwords: keep it to yourself")


def restore(port: str, baud: int, path: Path) -> None:
    if not path.is_file():
        raise Stop(f"there is no {path}: `make backup` makes one")
    data = path.read_bytes()
    with chip.opened(port, baud) as board:
        if len(data) != (size := board.flash_bytes()):
            raise Stop(f"{path} has {len(data):,} bytes and this flash {size:,}: take its own")
        board.write_image(data)
        board.restart()
    print(f"the board is as it was in {path}")


def command(options: argparse.Namespace) -> None:
    port = serial_port.find(options.port)
    if options.restore:
        restore(port, options.baud, options.restore)
    else:
        save(port, options.baud)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("backup", lambda: command(options))


if __name__ == "__main__":
    sys.exit(main())
