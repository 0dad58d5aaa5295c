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
from tools.flash import chip, layout

BACKUPS = ROOT / "build" / "backup"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.backup", description=__doc__)
    add = parser.add_argument
    add("--port", help="serial port of the board; the only one there is, unless told otherwise")
    add("--baud", type=int, default=chip.BAUD, help="115200 where a cable is poor")
    add("--restore", type=Path, metavar="FILE", help="write a backup back to the board")
    add("--flash-size", choices=layout.BLOCKS, help="where the flash chip does not say")
    add("--dry-run", action="store_true", help="print each step; touch no board")
    return parser.parse_args(arguments)


def size_of(board: chip.Chip, wanted: str | None) -> int:
    """Bytes of flash: all of it, where the flash chip says how much that is."""
    return board.flash_bytes() or layout.bytes_of(layout.size_in_use(None, wanted))


def save(port: str, options: argparse.Namespace) -> None:
    path = BACKUPS / time.strftime("board-%Y%m%d-%H%M%S.bin")
    with chip.opened(port, options.baud) as board:
        data = board.read(size_of(board, options.flash_size))
        board.restart()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{path}: {len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")
    print("it holds your Wi-Fi passwords: keep it to yourself")


def restore(port: str, options: argparse.Namespace) -> None:
    path: Path = options.restore
    if not path.is_file():
        raise Stop(f"there is no {path}: `make backup` makes one")
    data = path.read_bytes()
    with chip.opened(port, options.baud) as board:
        if len(data) != (size := size_of(board, options.flash_size)):
            raise Stop(
                f"{path} has {len(data):,} bytes and this board's flash {size:,}: nothing was "
                "written; take a backup of a board like this one"
            )
        board.write_image(data)
        board.restart()
    print(f"the board is as it was in {path}")


def show(options: argparse.Namespace) -> None:
    print(f"1. connect to {options.port or 'the only board there is'}, check chip and flash size")
    if options.restore:
        print(f"2. write and verify {options.restore} at 0x000000")
    else:
        print(f"2. read all of the flash, from 0x000000 on, to a file in {BACKUPS}")
    print("3. restart the board")


def command(options: argparse.Namespace) -> None:
    if options.dry_run:
        show(options)
        return
    act = restore if options.restore else save
    act(serial_port.find(options.port), options)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("backup", lambda: command(options))


if __name__ == "__main__":
    sys.exit(main())
