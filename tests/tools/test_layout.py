"""The map of the flash against the tables of MicroPython's ESP8266 port."""

import pytest

from tools import images
from tools.command import Stop
from tools.flash import layout
from tools.flash.layout import MIB

# Flash size, and where LittleFS ends: ports/esp8266/modules/flashbdev.py keeps 20K for the SDK.
ENDS = [("2MB", 2 * MIB - 20480), ("4MB", 4 * MIB - 20480)]


def made(flash_size: str, rom: int = 5000) -> dict[str, bytes]:
    file_system = bytes(layout.BLOCKS[flash_size] * images.BLOCK_SIZE)
    return {
        "romfs/romfs.img": bytes(rom),
        "romfs/littlefs.img": file_system,
        "mpy/littlefs.img": file_system,
    }


@pytest.mark.parametrize(("flash_size", "end"), ENDS)
@pytest.mark.parametrize("name", layout.LAYOUTS)
def test_littlefs_fills_what_the_port_gives_it(name: str, flash_size: str, end: int) -> None:
    last = layout.parts(name, bytes(600_000), made(flash_size))[-1]
    assert (last.offset, last.end) == (0x100000, end)


def test_romfs_lies_where_the_linker_script_has_it() -> None:
    # esp8266_2MiB_ROMFS.ld: FLASH_ROMFS org = 0x402b0000, len = 320K; 0x40200000 is flash 0
    offsets = [part.offset for part in layout.parts("romfs", bytes(9), made("4MB"))]
    assert offsets == [0, 0x402B0000 - 0x40200000, 0x40300000 - 0x40200000]
    assert layout.ROMFS_AT + images.ROMFS_SIZE == layout.LITTLEFS_AT


@pytest.mark.parametrize(
    ("name", "firmware_size", "fits"),
    [
        ("romfs", 0xB0000, True),
        ("romfs", 0xB0001, False),
        ("mpy", 0x100000, True),
        ("mpy", 0x100001, False),
    ],
)
def test_parts_never_overlap(name: str, firmware_size: int, fits: bool) -> None:
    if fits:
        layout.parts(name, bytes(firmware_size), made("4MB"))
        return
    with pytest.raises(Stop, match=r"MicroPython takes .* runs into"):
        layout.parts(name, bytes(firmware_size), made("4MB"))


@pytest.mark.parametrize(
    ("chip_bytes", "flash_size"),
    [(2 * MIB, "2MB"), (4 * MIB, "4MB"), (8 * MIB, "4MB"), (16 * MIB, "4MB")],
)
def test_size_in_use(chip_bytes: int, flash_size: str) -> None:
    assert layout.size_in_use(chip_bytes) == flash_size


@pytest.mark.parametrize("chip_bytes", [MIB // 2, MIB])
def test_too_small_a_flash(chip_bytes: int) -> None:
    with pytest.raises(Stop, match=f"has {chip_bytes // 1024} KiB and Picopin needs 2 MiB: take"):
        layout.size_in_use(chip_bytes)


def test_bytes_of_the_whole_flash() -> None:
    assert {name: layout.bytes_of(name) for name in layout.BLOCKS} == {
        "2MB": 2 * MIB,
        "4MB": 4 * MIB,
    }


def test_a_flash_that_does_not_say_its_size() -> None:
    assert layout.size_in_use(None, "2MB") == "2MB"
    with pytest.raises(Stop, match="does not say its size: name it, FLASH_SIZE=4MB"):
        layout.size_in_use(None)


def test_a_size_that_the_flash_has_not() -> None:
    assert layout.size_in_use(4 * MIB, "2MB") == "2MB"
    with pytest.raises(Stop, match="has 2MB and not 4MB: leave out FLASH_SIZE"):
        layout.size_in_use(2 * MIB, "4MB")
