"""The block device of ports/esp8266/modules/flashbdev.py over the image file.

It reads the file itself and has the host write, which counts and may cut the power.
Nothing here allocates: finalisers call it with the heap locked.
"""

import bus
import ops

_SECTOR = 4096


class FlashBdev:
    SEC_SIZE = _SECTOR

    def __init__(self, fd, start, blocks):
        image = open(fd, "rb", buffering=0)
        self._seek = image.seek
        self._readinto = image.readinto
        self.start_sec = start // _SECTOR
        self.blocks = blocks

    def readblocks(self, n, buf, off=0):
        self._seek(n * _SECTOR + off)
        self._readinto(buf)

    def writeblocks(self, n, buf, off=None):
        if off is None:
            bus.call(ops.FLASH_ERASE, 0, n + self.start_sec)
            off = 0
        bus.call(ops.FLASH_WRITE, 0, (n + self.start_sec) * _SECTOR + off, 0, buf)

    def ioctl(self, op, arg):
        if op == 4:  # MP_BLOCKDEV_IOCTL_BLOCK_COUNT
            return self.blocks
        if op == 5:  # MP_BLOCKDEV_IOCTL_BLOCK_SIZE
            return _SECTOR
        if op == 6:  # MP_BLOCKDEV_IOCTL_BLOCK_ERASE
            bus.call(ops.FLASH_ERASE, 0, arg + self.start_sec)
            return 0
