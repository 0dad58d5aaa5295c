"""MicroPython's image for the ESP8266: fetched or given, and examined before it is written.

Of a file nothing is believed but what its bytes say: the boot loader's checksum, MicroPython's own
MD5 at its end (ports/esp8266/makeimg.py), and the names in it of what the layout needs.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import requests
from esptool.bin_image import ESP8266ROMFirmwareImage, LoadFirmwareImage
from esptool.logger import log
from esptool.util import FatalError

from tools.command import Stop
from tools.device_packages import ROOT

BOARD = "ESP8266_GENERIC"
VERSION = "1.28.0"  # what platform facts in this repository were read from
VARIANTS = {"romfs": f"{BOARD}-FLASH_2M_ROMFS", "mpy": BOARD}
PAGE = f"https://micropython.org/download/{BOARD}/"
FOLDER = ROOT / "build" / "firmware"
_MD5_SIZE = 16
_HEADER = 4  # makeimg.py leaves these out of its MD5: flash mode and size may be changed
_VERSION = re.compile(rb"v(\d+\.\d+[^ \0]*) on (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Firmware:
    """An image that a chip would run."""

    data: bytes
    version: str
    has_romfs: bool
    has_asyncio: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def read(path: Path, layout: str) -> Firmware:
    """The image in a file; Stop says what is wrong with it, and which the layout needs."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Stop(f"{path} cannot be read ({error.strerror}): name another file") from error
    return examine(data, path.name, layout)


def examine(data: bytes, name: str, layout: str) -> Firmware:
    advice = f"take {VARIANTS[layout]} from {PAGE}"
    if not checksum_is_right(data):
        raise Stop(f"{name} is no image for the ESP8266, or is damaged: {advice}")
    if hashlib.md5(data[_HEADER:-_MD5_SIZE]).digest() != data[-_MD5_SIZE:]:
        raise Stop(f"{name} is not all of a MicroPython image, or more than one: {advice}")
    version = _VERSION.search(data)
    return Firmware(
        data,
        version.group(1).decode() if version else "of unknown version",
        has_romfs=b"VfsRom" in data,  # the name of a class, there when it is compiled in
        has_asyncio=b"asyncio/core.py" in data and b"VfsLfs2" in data,
    )


def checksum_is_right(data: bytes) -> bool:
    """Whether esptool reads it as an ESP8266 image whose checksum fits."""
    log.set_verbosity("silent")  # what it would warn of is refused here anyway
    try:
        image = LoadFirmwareImage("esp8266", data)
    except (FatalError, TypeError, ValueError, struct.error):
        return False
    finally:
        log.set_verbosity("normal")
    return (
        isinstance(image, ESP8266ROMFirmwareImage) and image.checksum == image.calculate_checksum()
    )


def refuse_unfit(firmware: Firmware, layout: str) -> None:
    """Stop, unless the firmware has what the layout needs, and nothing that goes before it."""
    if not firmware.has_asyncio:
        raise Stop(
            f"this MicroPython {firmware.version} is too small or too old for Picopin: take "
            f"{VARIANTS[layout]} {VERSION} or later from {PAGE}"
        )
    if layout == "romfs" and not firmware.has_romfs:
        raise Stop(
            f"this MicroPython {firmware.version} has no ROMFS: take {VARIANTS['romfs']} from "
            f"{PAGE}, or LAYOUT=mpy"
        )
    if layout == "mpy" and firmware.has_romfs:  # sys.path has /rom/lib before /lib
        raise Stop(
            f"this MicroPython {firmware.version} has a ROMFS, and what an earlier flashing left "
            "there would run in place of today's code: leave out LAYOUT=mpy"
        )


def choose(given: Path | None, layout: str) -> Firmware:
    """The given file's, or the pinned one; Stop unless it has what the layout needs."""
    firmware = read(given, layout) if given else fetched(layout)
    refuse_unfit(firmware, layout)
    return firmware


def fetched(layout: str, folder: Path = FOLDER) -> Firmware:
    """The pinned version; from `folder` where an earlier call has left it there."""
    path = folder / f"{VARIANTS[layout]}-v{VERSION}.bin"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            download(layout, Path(scratch)).replace(path)
    return read(path, layout)


def download(layout: str, folder: Path) -> Path:
    """The file, fetched by mpflash and found whole."""
    variant = VARIANTS[layout]
    advice = f"download {variant} {VERSION} from {PAGE} and say FIRMWARE=that-file.bin"
    print(f"fetching MicroPython {VERSION}, {variant}")
    try:
        file = ask_mpflash(variant, folder)
    except Exception as error:  # whatever requests, the page's parser or mpflash raises
        raise Stop(f"micropython.org could not be read ({reason(error)}): {advice}") from error
    if file is None:
        raise Stop(f"micropython.org did not give {variant} {VERSION}: {advice}")
    read(file, layout)
    return file


def reason(error: Exception) -> str:
    """A few words; requests' own are a paragraph of nested names."""
    if isinstance(error, requests.Timeout):
        return "it did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection: is there a network?"
    return str(error).partition("\n")[0]


def ask_mpflash(variant: str, folder: Path) -> Path | None:
    """mpflash's own functions, without its database of firmwares."""
    from loguru import logger

    logger.remove()  # of the warnings that mpflash logs, ours is the one sentence
    from mpflash.download import get_firmware_list
    from mpflash.download.from_web import fetch_firmware_files

    offered = get_firmware_list(["esp8266"], [BOARD], [VERSION])
    wanted = [firmware for firmware in offered if firmware.board_id == variant]
    for firmware in fetch_firmware_files(wanted[:1], folder, force=True):
        return folder / str(firmware.firmware_file)
    return None
