"""The flash chip: an image file behind it, NOR rules, counts, and power cuts on demand."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tools.board import ops
from tools.board.bus import Bus, os_error

SECTOR = 4096
FS_START = 0x100000  # both 2 MiB images of the port, on chips of 2 and 4 MiB
SDK_RESERVED = 20480  # bytes at the end, ports/esp8266/modules/flashbdev.py
ROM_START = 0xB0000  # FLASH_2M_ROMFS: ports/esp8266/boards/esp8266_2MiB_ROMFS.ld
MODES = {"qio": 0, "qout": 1, "dio": 2, "dout": 3}  # third byte of the image header
_MAGIC = 0xE9
_JEDEC = 0x1640EF  # Winbond, 4 MiB
_EIO = 5

Unanswered = Awaitable[None] | None  # what the bus waits for in vain where the power was cut


@dataclass
class PowerCut:
    """Cut the power at the `at`-th write or erase from now; torn: half of it has been done."""

    at: int
    torn: bool = False


class Flash:
    """The whole chip: header, ROMFS, and the LittleFS image, the only part kept in a file."""

    def __init__(
        self, image: Path, mode: str, rom: bytes, power_off: Callable[[], Unanswered]
    ) -> None:
        self._file = os.open(image, os.O_RDWR)
        self.fs_size = os.fstat(self._file).st_size
        self.size = FS_START + self.fs_size + SDK_RESERVED
        self.writes = 0
        self.erases = 0
        self.cut: PowerCut | None = None
        self._rom = rom
        self._header = bytes((_MAGIC, 1, MODES[mode], 0x40))
        self._elsewhere: dict[int, bytes] = {}
        self._power_off = power_off

    def attach(self, bus: Bus) -> None:
        bus.on(ops.FLASH_READ, lambda _unit, offset, length: self.read(offset, length))
        bus.on(ops.FLASH_WRITE, lambda _unit, offset, _b, data: self.write(offset, data))
        bus.on(ops.FLASH_ERASE, lambda _unit, sector: self.erase(sector))
        bus.on(ops.FLASH_SIZE, lambda: self.size)
        bus.on(ops.FLASH_USER_START, lambda: FS_START)
        bus.on(ops.FLASH_ID, lambda: _JEDEC)

    @property
    def descriptor(self) -> int:
        return self._file

    @property
    def blocks(self) -> int:
        return self.fs_size // SECTOR

    def counts(self) -> dict[str, int]:
        return {"writes": self.writes, "erases": self.erases}

    def close(self) -> None:
        os.close(self._file)

    def read(self, offset: int, length: int) -> bytes:
        self._check(offset, length)
        data = bytearray()
        while length:
            sector, within = divmod(offset, SECTOR)
            part = self._sector(sector)[within : within + length]
            data += part
            offset += len(part)
            length -= len(part)
        return bytes(data)

    def write(self, offset: int, data: bytes) -> Unanswered:
        """Programming flash only clears bits: what was not erased keeps its zeros."""
        self._check(offset, len(data))
        self.writes += 1
        cut = self._cut_now()
        if cut and cut.torn:
            data = data[: len(data) // 2]
        old = self.read(offset, len(data))
        self._put(offset, bytes(a & b for a, b in zip(old, data, strict=True)))
        return self._power_off() if cut else None

    def erase(self, sector: int) -> Unanswered:
        self._check(sector * SECTOR, SECTOR)
        self.erases += 1
        cut = self._cut_now()
        size = SECTOR // 2 if cut and cut.torn else SECTOR
        self._put(sector * SECTOR, b"\xff" * size)
        return self._power_off() if cut else None

    def _cut_now(self) -> PowerCut | None:
        cut = self.cut
        if cut is None:
            return None
        cut.at -= 1
        if cut.at > 0:
            return None
        self.cut = None
        return cut

    def _check(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise os_error(_EIO)

    def _in_fs(self, offset: int) -> bool:
        return FS_START <= offset < FS_START + self.fs_size

    def _sector(self, sector: int) -> bytes:
        offset = sector * SECTOR
        if self._in_fs(offset):
            return os.pread(self._file, SECTOR, offset - FS_START)
        if offset in self._elsewhere:
            return self._elsewhere[offset]
        start = self._header if sector == 0 else b""
        if ROM_START <= offset < FS_START:
            start = self._rom[offset - ROM_START : offset - ROM_START + SECTOR]
        return start.ljust(SECTOR, b"\xff")

    def _put(self, offset: int, data: bytes) -> None:
        """Write bytes as they are; outside the file system they last as long as this program."""
        while data:
            sector, within = divmod(offset, SECTOR)
            part = data[: SECTOR - within]
            if self._in_fs(offset):
                os.pwrite(self._file, part, offset - FS_START)
            else:
                whole = bytearray(self._sector(sector))
                whole[within : within + len(part)] = part
                self._elsewhere[sector * SECTOR] = bytes(whole)
            offset += len(part)
            data = data[len(part) :]
