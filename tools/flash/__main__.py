"""`python -m tools.flash`: MicroPython, our code and config.py onto a board, in one go."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools import closing, serial_port
from tools.command import run
from tools.configure import settings
from tools.device_packages import ROOT
from tools.flash import chip, contents, firmware, layout


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.flash", description=__doc__)
    add = parser.add_argument
    add("--port", help="serial port of the board; the only one there is, unless told otherwise")
    add("--layout", choices=layout.LAYOUTS, default="romfs", help="mpy: for standard MicroPython")
    add("--firmware", type=Path, metavar="FILE", help="MicroPython's .bin, instead of fetching it")
    add("--config", type=Path, metavar="FILE", default=ROOT / "config.py")
    add("--flash-size", choices=layout.BLOCKS, help="where the flash chip does not say")
    add("--baud", type=int, default=chip.BAUD, help="115200 where a cable is poor")
    add("--dry-run", action="store_true", help="print each step and offset; touch no board")
    return parser.parse_args(arguments)


def flash(options: argparse.Namespace) -> None:
    """Everything that can be found wrong is, before the first byte of the flash is erased."""
    port = serial_port.find(options.port)
    known = settings.ready(options.config)
    image = firmware.choose(options.firmware, options.layout)
    print(f"MicroPython {image.version}, SHA-256 {image.sha256}")
    built = contents.compiled(options.config)
    with chip.opened(port, options.baud) as board:
        size = board.flash_bytes()
        print(f"found an {chip.describe(size)}")
        flash_size = layout.size_in_use(size, options.flash_size)
        made = contents.images_for(built, flash_size)
        parts = layout.parts(options.layout, image.data, made)
        print_parts(parts, flash_size)
        board.write(parts, flash_size)
        closing.say(board.restart(), known)


def print_parts(parts: list[layout.Part], flash_size: str) -> None:
    print(f"to write, as {flash_size} in {layout.FLASH_MODE.upper()} mode:")
    for part in parts:
        print(f"  {part}")


def show(options: argparse.Namespace) -> None:
    """What flash() would do, step by step."""
    print("1. check config.py, and ask for an access point's password in place of the placeholder")
    for mistake in settings.mistakes(options.config):
        print(f"   to mend first: {mistake}")
    image = b""
    if options.firmware:
        image = firmware.choose(options.firmware, options.layout).data
        print(f"2. take MicroPython from {options.firmware}")
    else:
        name = f"{firmware.VARIANTS[options.layout]} {firmware.VERSION}"
        print(f"2. take {name} (mpflash fetches it from micropython.org)")
    print("3. compile the code, make the images")
    print(f"4. connect to {options.port or 'the only board there is'}, check chip and flash size")
    print(f"5. write and verify, at {options.baud} baud")
    built = contents.compiled(options.config)
    for flash_size in [options.flash_size] if options.flash_size else layout.BLOCKS:
        made = contents.images_for(built, flash_size)
        print_parts(layout.parts(options.layout, image, made), flash_size)
    print("6. restart the board, wait for its addresses, print them and the curl line")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("flash", lambda: (show if options.dry_run else flash)(options))


if __name__ == "__main__":
    sys.exit(main())
