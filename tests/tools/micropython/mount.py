"""Run by MicroPython: mounts a LittleFS image, and a ROMFS image if given, as the board does, then
runs a line of Python.

micropython mount.py LITTLEFS.img ROMFS.img|- LINE
"""

import os
import sys

import vfs


class Image:
    """A block device on a file, which is never written to."""

    def __init__(self, path):
        self.blocks = os.stat(path)[6] // 4096
        self.file = open(path, "rb")

    def readblocks(self, block, buffer, offset=0):
        self.file.seek(block * 4096 + offset)
        self.file.readinto(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        return 4096 if operation == 5 else 0


littlefs, romfs, line = sys.argv[1:]
if romfs != "-":
    with open(romfs, "rb") as file:
        vfs.mount(vfs.VfsRom(file.read()), "/rom")
vfs.mount(vfs.VfsLfs2(Image(littlefs)), "/flash")
os.chdir("/flash")
sys.path[:] = ["", ".frozen", "/rom", "/rom/lib", "/flash/lib", "/flash"]
exec(line)
