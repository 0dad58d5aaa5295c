"""Flashing: the dry run, every mistake before a byte is written, and what would be written.

esptool's own talk with a boot loader is not imitated here: it ends at the functions of esptool that
write. docs/hardware.md says so.
"""

import struct
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import serial
from esptool.util import FatalError

from tests.support.esp8266_image import stand_in
from tests.support.silent_line import SilentLine
from tools import images
from tools.configure import source
from tools.configure.ap_password import PLACEHOLDER
from tools.device_packages import ROOT
from tools.flash import __main__ as flash
from tools.flash import chip
from tools.flash.layout import MIB, Part

BOOT = """
3 INFO:picopin:access point picopin-0a1b2c at 192.168.4.1
3 INFO:picopin:serving on port 80
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.py"
    shipped = (ROOT / "config.py").read_text("utf-8")
    path.write_text(source.replaced(shipped, "AP_PASSWORD", "of this test"), "utf-8")
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "micropython.bin"
    path.write_bytes(stand_in())
    return path


@pytest.fixture
def standard_image(tmp_path: Path) -> Path:
    path = tmp_path / "standard.bin"
    path.write_bytes(stand_in("mpy"))
    return path


class FakeChip:
    """A boot loader that takes everything and says `bytes` of flash."""

    def __init__(self, line: SilentLine, size: int) -> None:
        self.line = line
        self.size = size
        self.written: list[tuple[Sequence[Part], str]] = []

    def flash_bytes(self) -> int:
        return self.size

    def write(self, parts: Sequence[Part], flash_size: str) -> None:
        self.written.append((parts, flash_size))

    def restart(self) -> serial.Serial:
        console = serial.Serial(self.line.path, timeout=0.1)
        self.line.say(BOOT)
        return console


def connected(monkeypatch: pytest.MonkeyPatch, fake: FakeChip) -> None:
    @contextmanager
    def opened(port: str, baud: int):
        assert port == fake.line.path
        yield fake

    monkeypatch.setattr(chip, "opened", opened)


# The dry run


def test_the_dry_run_names_every_step_and_offset(
    config: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flash.main(["--dry-run", "--config", str(config), "--firmware", str(image)]) == 0
    seen = capsys.readouterr().out
    for number in range(1, 7):
        assert f"\n{number}. " in f"\n{seen}"
    for text in (
        "0x000000",
        "0x0b0000",
        "0x100000",
        "as 2MB in DIO",
        "as 4MB in DIO",
        "763 blocks",
    ):
        assert text in seen


def test_the_dry_run_asks_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.py"
    path.write_text('AP_PASSWORD = "change-me-please"\nPORT = 1\n')
    before = path.read_bytes()
    assert flash.main(["--dry-run", "--config", str(path), "--flash-size", "4MB"]) == 0
    seen = capsys.readouterr().out
    assert "mpflash fetches it" in seen
    assert "0x000000    to be fetched  MicroPython" in seen
    assert "to mend first: PORT: there is no such setting" in seen
    assert path.read_bytes() == before


# The whole of it, up to esptool's functions that write


@pytest.mark.parametrize(("size", "name", "blocks"), [(2, "2MB", 251), (4, "4MB", 763)])
def test_flashing_writes_each_part_to_its_place_and_says_where_the_board_is(
    config: Path,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    size: int,
    name: str,
    blocks: int,
) -> None:
    with SilentLine() as line:
        fake = FakeChip(line, size * MIB)
        connected(monkeypatch, fake)
        options = ["--port", line.path, "--config", str(config), "--firmware", str(image)]
        assert flash.main(options) == 0
    (parts, flash_size) = fake.written[0]
    assert flash_size == name
    assert [part.offset for part in parts] == [0, 0xB0000, 0x100000]
    assert parts[0].data == stand_in()
    assert parts[1].data.startswith(b"\xd2\xcd\x31")  # extmod/vfs_rom.c: the header of a ROMFS
    assert len(parts[2].data) == blocks * 4096
    assert images.read_littlefs(parts[2].data)["config.py"] == config.read_bytes()
    seen = capsys.readouterr().out
    assert f"found an ESP8266 with {size} MiB of flash" in seen
    assert "joined picopin-0a1b2c (its password is in config.py):" in seen
    assert "curl 'http://192.168.4.1/?pin=2&state=on'" in seen


def test_standard_micropython_has_all_in_littlefs(
    config: Path, standard_image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SilentLine() as line:
        fake = FakeChip(line, 16 * MIB)
        connected(monkeypatch, fake)
        given = ["--port", line.path, "--config", str(config), "--firmware", str(standard_image)]
        assert flash.main([*given, "--layout", "mpy"]) == 0
    parts, flash_size = fake.written[0]
    assert flash_size == "4MB"
    assert [part.offset for part in parts] == [0, 0x100000]
    assert "lib/picoweb/__init__.mpy" in images.read_littlefs(parts[1].data)


def test_esptool_is_given_dio_and_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(chip.cmds, "write_flash", lambda esp, data, **more: given.update(more))
    esp: Any = None
    chip.Chip(esp, "port").write([Part("a", 0, b"x")], "4MB")
    assert given == {"flash_mode": "dio", "flash_size": "4MB"}


# Mistakes: one sentence each, and nothing written


def stopped(
    options: list[str], monkeypatch: pytest.MonkeyPatch, size: int = 4 * MIB
) -> list[tuple[Sequence[Part], str]]:
    with SilentLine() as line:
        fake = FakeChip(line, size)
        connected(monkeypatch, fake)
        assert flash.main(["--port", line.path, *options]) == 1
    return fake.written


def test_mistakes_in_config_stop_it(
    tmp_path: Path,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "config.py"
    path.write_text('AP_PASSWORD = "short"\nHTTP_PORT = "80"\n')
    assert not stopped(["--config", str(path), "--firmware", str(image)], monkeypatch)
    seen = capsys.readouterr().err
    assert "config.py has mistakes: mend them, or run `make config`" in seen
    assert "AP_PASSWORD: has 5 characters" in seen
    assert "HTTP_PORT: must be a number" in seen


def test_the_placeholder_stops_it_where_nobody_can_be_asked(
    tmp_path: Path,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "config.py"
    path.write_text(f'AP_PASSWORD = "{PLACEHOLDER}"\n')
    assert not stopped(["--config", str(path), "--firmware", str(image)], monkeypatch)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_firmware_without_romfs_stops_it(
    config: Path,
    standard_image: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--config", str(config), "--firmware", str(standard_image)]
    assert not stopped(options, monkeypatch)
    assert "has no ROMFS: take ESP8266_GENERIC-FLASH_2M_ROMFS" in capsys.readouterr().err


def test_too_small_a_flash_stops_it(
    config: Path,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--config", str(config), "--firmware", str(image)]
    assert not stopped(options, monkeypatch, size=MIB)
    assert "flash has 1024 KiB and Picopin needs 2 MiB: take" in capsys.readouterr().err


# The real esptool, as far as it goes without a chip


def test_a_board_that_does_not_answer(
    config: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with SilentLine() as line:
        given = ["--port", line.path, "--config", str(config), "--firmware", str(image)]
        assert flash.main(given) == 1
    assert (
        "does not enter its boot loader: hold the board's FLASH button" in capsys.readouterr().err
    )


class FakeEsp:
    """What esptool's detect_chip answers."""

    def __init__(self, name: str) -> None:
        self.CHIP_NAME = name

    def __enter__(self) -> "FakeEsp":
        return self

    def __exit__(self, *_: object) -> None:
        """Closes nothing."""


def test_another_chip_is_named_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chip.cmds, "detect_chip", lambda port: FakeEsp("ESP32-C3"))
    named = pytest.raises(chip.Stop, match="has an ESP32-C3 and Picopin is for the ESP8266")
    with named, chip.opened("/dev/ttyUSB0"):
        raise AssertionError("went on")


@pytest.mark.parametrize(
    "error",
    [
        serial.SerialException("device reports readiness to read but returned no data"),
        FatalError("Packet content transfer stopped (received 8 bytes)"),
        OSError(5, "Input/output error"),
    ],
)
def test_a_cable_pulled_half_way(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(chip.cmds, "detect_chip", lambda port: FakeEsp("ESP8266"))
    monkeypatch.setattr(chip.cmds, "run_stub", lambda esp: esp)
    monkeypatch.setattr(chip.cmds, "attach_flash", lambda esp: None)
    told = pytest.raises(chip.Stop, match=r"broke .*: check cable and plug, then repeat")
    with told, chip.opened("/dev/ttyUSB0", baud=115200):
        raise error


def test_what_esptool_writes_in_the_header_is_what_the_firmware_reads() -> None:
    # lib/picopin asks esp.flash_read(0, 4), third byte: 2 is DIO (ESP8266EX boot loader)
    from tools.release import merged

    data = merged([Part("MicroPython", 0, stand_in())], "4MB")
    assert struct.unpack("BBBB", data[:4])[2] == 2
