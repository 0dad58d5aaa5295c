"""File-system images of the board: LittleFS for the files a user edits, ROMFS for compiled code.

A tree is a dict from a path such as "lib/picopin/web.mpy" to its bytes. Nothing else goes into an
image (no time, no owner), so equal trees make equal images.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from littlefs import LittleFS, LittleFSError
from littlefs.context import UserContext
from mpremote.romfs import VfsRomWriter

Tree = dict[str, bytes]

BLOCK_SIZE = 4096  # ports/esp8266/modules/flashbdev.py: SEC_SIZE
BLOCKS_2M = 251  # of a 2 MiB chip, from 0x100000 on; the last five sectors are the SDK's
BLOCKS_4M = 763
ROMFS_SIZE = 320 * 1024  # ports/esp8266/boards/esp8266_2MiB_ROMFS.ld
ROMFS_MAGIC = VfsRomWriter.ROMFS_HEADER
DISK_VERSION = 0x00020001  # LittleFS 2.1, what MicroPython writes since v1.22
READ_SIZE = PROG_SIZE = LOOKAHEAD_SIZE = 32  # extmod/vfs_lfs.c: the defaults of VfsLfs2
CACHE_SIZE = 4 * PROG_SIZE  # extmod/vfs_lfsx.c: init_config
BLOCK_CYCLES = 100


class ImageError(Exception):
    """A tree that does not fit its image, said in one line."""


def littlefs(image: bytearray, *, blank: bool = False) -> LittleFS:
    """The file system in `image`, mounted with the geometry that VfsLfs2 has on the chip."""
    fs = LittleFS(
        context=UserContext(buffer=image),
        mount=False,  # its own way of mounting would format what it cannot read
        block_size=BLOCK_SIZE,
        block_count=len(image) // BLOCK_SIZE,
        read_size=READ_SIZE,
        prog_size=PROG_SIZE,
        cache_size=CACHE_SIZE,
        lookahead_size=LOOKAHEAD_SIZE,
        block_cycles=BLOCK_CYCLES,
        disk_version=DISK_VERSION,
    )
    if blank:
        fs.format()
    try:
        fs.mount()
    except LittleFSError as error:
        raise ImageError(f"no LittleFS of {len(image) // BLOCK_SIZE} blocks: {error}") from error
    return fs


def make_littlefs(tree: Tree, blocks: int) -> bytes:
    """An image of exactly `blocks` blocks: the board mounts no other size than its own."""
    image = bytearray(b"\xff" * (blocks * BLOCK_SIZE))
    fs = littlefs(image, blank=True)
    for path, data in sorted(tree.items()):
        try:
            write_file(fs, PurePosixPath(path), data)
        except LittleFSError as error:
            raise ImageError(f"{path} does not fit in {blocks} blocks: {error}") from error
    fs.unmount()
    return bytes(image)


def write_file(fs: LittleFS, path: PurePosixPath, data: bytes) -> None:
    if len(path.parts) > 1:
        fs.makedirs(str(path.parent), exist_ok=True)
    with fs.open(str(path), "wb") as file:
        file.write(data)


def littlefs_used(image: bytes) -> int:
    """Bytes of the blocks in use."""
    return littlefs(bytearray(image)).used_block_count * BLOCK_SIZE


def read_littlefs(image: bytes) -> Tree:
    """Every file of an image."""
    fs = littlefs(bytearray(image))
    tree: Tree = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = PurePosixPath(folder, name)
            with fs.open(str(path), "rb") as file:
                tree[str(path.relative_to("/"))] = file.read()
    return tree


def make_romfs(tree: Tree) -> bytes:
    """The bytes that `mpremote romfs build` makes of the same files."""
    writer = VfsRomWriter()
    add_folder(writer, nest(tree))
    image = writer.finalise()
    if len(image) > ROMFS_SIZE:
        raise ImageError(f"the ROMFS takes {len(image)} bytes and has room for {ROMFS_SIZE}")
    return image


def nest(tree: Tree) -> dict[str, Any]:
    """{"a/b": x} to {"a": {"b": x}}."""
    nested: dict[str, Any] = {}
    for path, data in tree.items():
        *folders, name = path.split("/")
        level = nested
        for folder in folders:
            level = level.setdefault(folder, {})
        level[name] = data
    return nested


def add_folder(writer: VfsRomWriter, folder: dict[str, Any]) -> None:
    for name, content in sorted(folder.items()):
        if isinstance(content, dict):
            writer.opendir(name)
            add_folder(writer, content)
            writer.closedir()
        else:
            writer.mkfile(name, content)
