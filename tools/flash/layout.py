"""The map of the flash: what lies where, for each size of chip and each layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tools import images
from tools.command import Stop

MIB = 1024 * 1024
FIRMWARE_AT = 0
ROMFS_AT = 0xB0000  # ports/esp8266/boards/esp8266_2MiB_ROMFS.ld: FLASH_ROMFS
LITTLEFS_AT = 0x100000  # ports/esp8266/modesp.c: esp_flash_user_start of builds for 2 MiB
SDK_SECTORS = 5  # ports/esp8266/modules/flashbdev.py: 20K at the flash end
FLASH_MODE = "dio"  # in QIO, for which MicroPython is built, GPIO9 and GPIO10 are the flash's

LAYOUTS = ("romfs", "mpy")
# As esptool names the sizes that the header can tell; of a larger chip 4 MiB are used.
BLOCKS = {"2MB": images.BLOCKS_2M, "4MB": images.BLOCKS_4M}


@dataclass(frozen=True)
class Part:
    """One thing to write."""

    name: str
    offset: int
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.data)

    def __str__(self) -> str:
        size = f"{len(self.data):>9,} bytes" if self.data else "to be fetched".rjust(15)
        return f"0x{self.offset:06x}  {size}  {self.name}"


def size_in_use(chip_bytes: int | None, wanted: str | None = None) -> str:
    """The flash size to write in the header, for a chip with so many bytes of flash."""
    if chip_bytes is None:
        if wanted is None:
            raise Stop("the flash chip does not say its size: name it, FLASH_SIZE=4MB")
        return wanted
    if chip_bytes < 2 * MIB:
        raise Stop(
            f"this board's flash has {chip_bytes // 1024} KiB and Picopin needs 2 MiB: "
            "take a NodeMCU, a D1 mini, or another board with an ESP-12"
        )
    found = "4MB" if chip_bytes >= 4 * MIB else "2MB"
    if wanted and BLOCKS[wanted] > BLOCKS[found]:
        raise Stop(f"this board's flash has {found} and not {wanted}: leave out FLASH_SIZE")
    return wanted or found


def bytes_of(flash_size: str) -> int:
    """Of the whole flash, the SDK's sectors at its end included."""
    return LITTLEFS_AT + (BLOCKS[flash_size] + SDK_SECTORS) * images.BLOCK_SIZE


def littlefs_name(layout: str) -> str:
    """The image's name in tools.build."""
    return f"{layout}/littlefs.img"


def parts(layout: str, firmware: bytes, built: Mapping[str, bytes]) -> list[Part]:
    """What to write, in order of address.  built: the images as tools.build names them."""
    name = littlefs_name(layout)
    found = [Part("MicroPython", FIRMWARE_AT, firmware)]
    if layout == "romfs":
        found.append(Part("ROMFS: all code, compiled", ROMFS_AT, built["romfs/romfs.img"]))
        files = "LittleFS: boot.py, main.py, config.py"
    else:
        files = "LittleFS: boot.py, main.py, config.py, lib/"
    blocks = len(built[name]) // images.BLOCK_SIZE
    found.append(Part(f"{files}; {blocks} blocks", LITTLEFS_AT, built[name]))
    refuse_overlap(found)
    return found


def refuse_overlap(found: list[Part]) -> None:
    for part, following in pairwise(found):
        if part.end > following.offset:
            raise Stop(
                f"{part.name} takes {len(part.data):,} bytes and runs into {following.name} at "
                f"0x{following.offset:06x}: it is no image for this layout"
            )
