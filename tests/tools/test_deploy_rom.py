"""Deploying a ROMFS with the real mpremote, to a vfs.rom_ioctl that a boot.py plays.

MicroPython's unix build has no rom_ioctl; this one keeps the segment in a file and answers as
ports/esp8266/vfs_rom_ioctl.c does. That code runs in place from the flash being written is beyond
it: docs/hardware.md says so.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import images
from tools.board.process import BoardProcess
from tools.deploy import rom
from tools.deploy.__main__ import connected, layout_of

SEGMENT = 16 * 1024  # bytes; the chip's has 320 KiB
BOOT = (
    b"""
import sys, vfs

class Vfs:
    mount, umount, VfsRom = vfs.mount, vfs.umount, vfs.VfsRom

    def __init__(self, size):
        self.rom = bytearray(b"\\xff" * size)
        try:
            with open("/segment", "rb") as file:
                file.readinto(self.rom)
        except OSError:
            pass

    def rom_ioctl(self, command, segment=0, a=0, b=b""):
        if command == 1:
            return 1
        if command == 2:
            return memoryview(self.rom)
        if command == 3:
            self.rom[:a] = b"\\xff" * a
            return 4
        if command == 4:
            self.rom[a : a + len(b)] = b
            with open("/segment", "wb") as file:
                file.write(self.rom)
            return 0
        return -22

sys.modules["vfs"] = Vfs(%d)
"""
    % SEGMENT
)


@contextlib.contextmanager
def board(boot: bytes = BOOT) -> Iterator[tuple[BoardProcess, str]]:
    given = ["--http-port", "0", "--serial", "--heap", "400k"]
    with BoardProcess(*given, files={"boot.py": boot}) as running:
        yield running, running.wait_line(r"serial (\S+)")[0]


@pytest.fixture
def image() -> bytes:
    return images.make_romfs({"lib/a.mpy": bytes(range(256)) * 20, "lib/b.txt": b"text"})


def test_a_board_without_one_is_told_apart() -> None:
    with board(b"") as (_, port), connected(port) as line:
        assert not rom.exists(line)


def test_mpremote_writes_it_and_the_hash_tells(image: bytes, tmp_path: Path) -> None:
    path = tmp_path / "romfs.img"
    path.write_bytes(image)
    with board() as (running, port):
        with connected(port) as line:
            assert rom.exists(line)
            assert not rom.is_same(line, image)
        rom.deploy(port, path)
        with connected(port) as line:
            assert rom.is_same(line, image)
            assert not rom.is_same(line, image[:-1] + b"x")
        there = images.read_littlefs((running.folder / "flash.img").read_bytes())
    assert there["segment"].startswith(image)


def test_code_that_would_never_run_is_not_put_beside_it() -> None:
    told = pytest.raises(rom.Stop, match="has a ROMFS: leave out LAYOUT=mpy")
    with board() as (_, port), connected(port) as line:
        assert layout_of(line, None) == layout_of(line, "romfs") == "romfs"
        with told:
            layout_of(line, "mpy")


def test_nothing_runs_from_it_while_it_is_written() -> None:
    """boot.py is put aside, and the interpreter starts without it."""
    with board(b"started = True\n") as (running, port):
        with connected(port) as line:
            assert line.eval("'started' in globals()")
            rom.free(line)
            assert not line.eval("'started' in globals()")
        there = images.read_littlefs((running.folder / "flash.img").read_bytes())
    assert sorted(there) == [rom.ASIDE.lstrip("/")]


def test_an_image_that_is_too_large_stops_it(tmp_path: Path) -> None:
    path = tmp_path / "romfs.img"
    path.write_bytes(images.make_romfs({"large": bytes(SEGMENT)}))
    with board() as (_, port), pytest.raises(rom.Stop, match=r"did not finish .* repeat"):
        rom.deploy(port, path)
