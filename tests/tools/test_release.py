"""The merged images, taken apart again by what did not make them."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from esptool.bin_image import ESP8266ROMFirmwareImage, LoadFirmwareImage

from tests.support.esp8266_image import stand_in
from tools import images, release
from tools.configure import source
from tools.configure.ap_password import PLACEHOLDER
from tools.device_packages import ROOT
from tools.flash.layout import LITTLEFS_AT, ROMFS_AT

MOUNT = Path(__file__).parent / "micropython" / "mount.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
DIO = 2  # third byte of the header: ESP8266EX boot loader's flash modes
SIZES = {"2MB": (0x30, 251), "4MB": (0x40, 763)}  # fourth byte's upper half; blocks of LittleFS

Made = dict[str, bytes]


def config(folder: Path, password: str = "of this test") -> Path:
    path = folder / "config.py"
    shipped = (ROOT / "config.py").read_text("utf-8")
    path.write_text(source.replaced(shipped, "AP_PASSWORD", password), "utf-8")
    return path


def make(folder: Path, *options: str) -> Made:
    folder.mkdir()
    layout = "mpy" if "mpy" in options else "romfs"
    (folder / "firmware.bin").write_bytes(stand_in(layout))
    out = folder / "out"
    given = ["--firmware", str(folder / "firmware.bin"), "--config", str(config(folder))]
    assert release.main([*given, "--out", str(out), *options]) == 0
    return {path.name: path.read_bytes() for path in out.glob("*")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("release")
    return make(folder / "romfs") | make(folder / "mpy", "--layout", "mpy")


@pytest.fixture(params=SIZES)
def flash_size(request: pytest.FixtureRequest) -> str:
    return request.param


def whole(made: Made, layout: str, flash_size: str) -> bytes:
    return made[f"picopin-esp8266-{layout}-{flash_size}.bin"]


@pytest.mark.parametrize("layout", ["romfs", "mpy"])
def test_the_header_tells_size_and_mode(made: Made, layout: str, flash_size: str) -> None:
    data = whole(made, layout, flash_size)
    size_bits, blocks = SIZES[flash_size]
    assert (data[0], data[2], data[3] & 0xF0) == (0xE9, DIO, size_bits)
    assert len(data) == LITTLEFS_AT + blocks * 4096


def test_micropython_is_whole_but_for_two_bytes_of_its_header(made: Made, flash_size: str) -> None:
    data = whole(made, "romfs", flash_size)[: len(stand_in())]
    assert data[:2] + data[4:] == stand_in()[:2] + stand_in()[4:]
    image = LoadFirmwareImage("esp8266", data)
    assert isinstance(image, ESP8266ROMFirmwareImage)
    assert image.checksum == image.calculate_checksum()


def test_nothing_lies_between_the_parts(made: Made, flash_size: str) -> None:
    data = whole(made, "romfs", flash_size)
    assert set(data[len(stand_in()) : ROMFS_AT]) == {0xFF}
    assert set(whole(made, "mpy", flash_size)[len(stand_in("mpy")) : LITTLEFS_AT]) == {0xFF}


def test_littlefs_holds_the_three_files(made: Made, flash_size: str) -> None:
    tree = images.read_littlefs(whole(made, "romfs", flash_size)[LITTLEFS_AT:])
    assert sorted(tree) == ["boot.py", "config.py", "main.py"]
    assert tree["main.py"] == (ROOT / "main.py").read_bytes()
    assert b'AP_PASSWORD = "of this test"' in tree["config.py"]


def run_in_micropython(littlefs: Path, romfs: Path | str, line: str) -> str:
    command = [MICROPYTHON, MOUNT, littlefs, romfs, line]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


RUN = "import picoweb, picopin, os; print(sorted(os.listdir('/flash')), picoweb.__file__)"


@pytest.mark.parametrize("layout", ["romfs", "mpy"])
def test_micropython_mounts_and_runs_them(
    made: Made, layout: str, flash_size: str, tmp_path: Path
) -> None:
    data = whole(made, layout, flash_size)
    littlefs, romfs = tmp_path / "littlefs.img", tmp_path / "romfs.img"
    littlefs.write_bytes(data[LITTLEFS_AT:])
    romfs.write_bytes(data[ROMFS_AT:LITTLEFS_AT])
    seen = run_in_micropython(littlefs, romfs if layout == "romfs" else "-", RUN)
    place = "/rom/lib" if layout == "romfs" else "/flash/lib"
    assert seen.endswith(f"{place}/picoweb/__init__.mpy")
    assert "'main.py'" in seen


def test_the_same_bytes_wherever_it_is_made(made: Made, tmp_path: Path) -> None:
    again = make(tmp_path / "another folder", "--layout", "mpy")
    assert again.items() <= made.items()


def test_the_sums_are_those_of_the_files(made: Made) -> None:
    lines = made["SHA256SUMS"].decode().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256(made[name]).hexdigest() == digest
    assert len(lines) == len(SIZES)


def test_images_of_the_other_layout_keep_their_sums(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    make(tmp_path / "romfs", "--out", out)
    make(tmp_path / "mpy", "--layout", "mpy", "--out", out)
    sums = (tmp_path / "out" / "SHA256SUMS").read_text()
    assert re.findall(r"^[0-9a-f]{64}  picopin-esp8266-(\S+)\.bin$", sums, re.MULTILINE) == [
        "mpy-2MB",
        "mpy-4MB",
        "romfs-2MB",
        "romfs-4MB",
    ]


def test_the_placeholder_never_gets_into_an_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "firmware.bin").write_bytes(stand_in())
    given = ["--config", str(config(tmp_path, PLACEHOLDER)), "--out", str(tmp_path / "out")]
    assert release.main([*given, "--firmware", str(tmp_path / "firmware.bin")]) == 1
    assert "placeholder password: set AP_PASSWORD" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_firmware_that_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "standard.bin").write_bytes(stand_in("mpy"))
    options = ["--firmware", str(tmp_path / "standard.bin"), "--config", str(config(tmp_path))]
    assert release.main(options) == 1
    assert "has no ROMFS" in capsys.readouterr().err
