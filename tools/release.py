"""`python -m tools.release`: one .bin for each size of flash, which any flasher can write at 0.

The same sources, config.py and MicroPython give the same bytes, in whatever folder.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from esptool import cmds
from esptool.logger import log

from tools.command import Stop, run
from tools.configure import settings
from tools.device_packages import ROOT
from tools.flash import contents, firmware, layout

OUT = ROOT / "build" / "release"
SUMS = "SHA256SUMS"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.release", description=__doc__)
    add = parser.add_argument
    add("--firmware", type=Path, metavar="FILE", help="MicroPython's .bin, instead of fetching it")
    add("--layout", choices=layout.LAYOUTS, default="romfs", help="mpy: for standard MicroPython")
    add("--config", type=Path, metavar="FILE", default=ROOT / "config.py")
    add("--out", type=Path, metavar="FOLDER", default=OUT)
    add("--dry-run", action="store_true", help="print the parts and their offsets; write no file")
    return parser.parse_args(arguments)


def merged(parts: list[layout.Part], flash_size: str) -> bytes:
    """The flash from 0 to the last part's end, with what lies between as if erased."""
    log.set_verbosity("silent")
    try:
        data = cmds.merge_bin(
            [(part.offset, part.data) for part in parts],
            chip="esp8266",
            flash_mode=layout.FLASH_MODE,
            flash_size=flash_size,
        )
    finally:
        log.set_verbosity("normal")
    assert data is not None  # only with output= it answers nothing
    return data


def name_of(layout_name: str, flash_size: str) -> str:
    return f"picopin-esp8266-{layout_name}-{flash_size}.bin"


def release(options: argparse.Namespace) -> None:
    settings.ready(options.config)
    image = firmware.choose(options.firmware, options.layout)
    built = contents.compiled(options.config)
    made: dict[str, bytes] = {}
    print(f"MicroPython {image.version}, SHA-256 {image.sha256}")
    for flash_size in layout.BLOCKS:
        parts = layout.parts(options.layout, image.data, contents.images_for(built, flash_size))
        name = name_of(options.layout, flash_size)
        made[name] = merged(parts, flash_size)
        whole = made[name][: len(image.data)]
        firmware.examine(whole, name, options.layout)  # still right after its header was changed
        print(f"\n{name}: {len(made[name]):,} bytes")
        for part in parts:
            print(f"  {part}")
    if options.dry_run:
        return
    write(options.out, made)
    print(f"\nin {options.out}, to be written at 0; they hold your config.py and its passwords")


def write(folder: Path, made: dict[str, bytes]) -> None:
    """The files, and the sums of all images there as `sha256sum --check` reads them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (folder / name).write_bytes(data)
        sums = "".join(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(folder.glob(name_of("*", "*")))
        )
        (folder / SUMS).write_text(sums)
    except OSError as error:
        raise Stop(
            f"{folder} cannot be written to ({error.strerror}): name another, OUT=folder"
        ) from error
    print(f"\n{sums}", end="")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("release", lambda: release(options))


if __name__ == "__main__":
    sys.exit(main())
