"""`python -m tools.deploy`: what changed, onto a board that runs MicroPython; then restart it."""

from __future__ import annotations

import argparse
import io
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from tools import closing, serial_port
from tools.command import Stop, run
from tools.configure import settings
from tools.deploy import files, rom
from tools.device_packages import ROOT
from tools.flash import contents, layout

SILENCE = 2.0  # seconds that a running board may be silent amid a command of mpremote


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.deploy", description=__doc__)
    add = parser.add_argument
    add("--port", help="serial port of the board; the only one there is, unless told otherwise")
    add("--layout", choices=layout.LAYOUTS, help="romfs where the board has one, else mpy")
    add("--config", type=Path, metavar="FILE", default=ROOT / "config.py")
    add("--dry-run", action="store_true", help="print what would change; the board is only read")
    add("--no-wait", action="store_true", help="do not wait for the board's addresses")
    return parser.parse_args(arguments)


@contextmanager
def connected(port: str) -> Iterator[SerialTransport]:
    """The board in its raw REPL, freshly started without main.py."""
    try:
        board = SerialTransport(port, baudrate=serial_port.BAUD, timeout=SILENCE)
        try:
            enter_raw_repl(board)
            yield board
        finally:
            board.close()
    except (TransportError, struct.error) as error:  # the latter where mpremote reads nothing
        raise Stop(in_words(error, port)) from error
    except (serial.SerialException, OSError) as error:
        raise Stop(serial_port.explain(error, port)) from error


def enter_raw_repl(board: SerialTransport) -> None:
    with redirect_stdout(io.StringIO()):  # mpremote prints what it did not expect
        board.enter_raw_repl(soft_reset=True)


def in_words(error: Exception, port: str) -> str:
    text = str(error).strip().splitlines()[-1] if str(error).strip() else "no answer"
    if "raw repl" in text or "failed to access" in text:
        return (
            f"no MicroPython answers at {port}: press RST and repeat the command, "
            "or put MicroPython on it with `make flash`"
        )
    return f"the board refused ({text}): repeat the command, or `make flash` for a fresh start"


def deploy(options: argparse.Namespace) -> None:
    port = serial_port.find(options.port)
    known = settings.ready(options.config) if not options.dry_run else {}
    built = contents.compiled(options.config)
    with connected(port) as board:
        chosen = layout_of(board, options.layout)
        wanted = built.trees[f"{chosen}/fs"]
        image = contents.images_for(built, "4MB")["romfs/romfs.img"] if chosen == "romfs" else b""
        changed_rom = bool(image) and not rom.is_same(board, image)
        if options.dry_run:
            show(files.compare(board, wanted), changed_rom)
            return
        if changed_rom:
            rom.free(board)
    if changed_rom:
        write_rom(port, image)
    with connected(port) as board:
        write_files(board, wanted)
        restart(board)
        if not options.no_wait:
            assert isinstance(board.serial, serial.Serial)  # SerialIntercept only while mounted
            board.serial.timeout = serial_port.QUIET
            closing.say(board.serial, known)


def layout_of(board: SerialTransport, wanted: str | None) -> str:
    """Where the board has a ROMFS its code goes there: /rom/lib comes before /lib."""
    right = "romfs" if rom.exists(board) else "mpy"
    if wanted and wanted != right:
        has = "a" if right == "romfs" else "no"
        raise Stop(f"the board's MicroPython has {has} ROMFS: leave out LAYOUT={wanted}")
    return right


def show(changes: files.Changes, changed_rom: bool) -> None:
    if changed_rom:
        print("would write the ROMFS: all code, compiled")
    for path, data in changes.write.items():
        print(f"would write {path}, {len(data):,} bytes")
    for path in changes.remove:
        print(f"would remove {path}")
    print(f"{changes.same} files are as they should be")


def write_rom(port: str, image: bytes) -> None:
    print(f"the code has changed: {len(image):,} bytes of ROMFS")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "romfs.img")
        path.write_bytes(image)
        rom.deploy(port, path)


def write_files(board: SerialTransport, wanted: dict[str, bytes]) -> None:
    changes = files.compare(board, wanted)
    print(f"{len(changes.write)} files to write, {changes.same} are as they should be")
    files.apply(board, changes, print)


def restart(board: SerialTransport) -> None:
    """As by its RST button; the answer to this line never comes."""
    board.exec_raw_no_follow("import machine\nmachine.reset()")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("deploy", lambda: deploy(options))


if __name__ == "__main__":
    sys.exit(main())
