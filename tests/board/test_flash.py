"""The flash: what a power cut leaves of LittleFS, counts, images that are kept."""

from pathlib import Path

import pytest

from tests.board.test_lives import run_board
from tools import images
from tools.board.flash import FS_START, SECTOR, Flash, PowerCut
from tools.board.process import BLOCKS, BoardProcess

# Saves as firmware does: a new file, then a rename over the old one; prints what it finds first.
_SAVER = b"""
import os
def content():
    with open("state") as file:
        return file.read()
print("found", content())
with open("new", "w") as file:
    file.write("new " * 300)
os.rename("new", "state")
print("saved")
"""
_FILES = {"main.py": _SAVER, "state": b"old"}
_MOST_WRITES = 40


def test_power_cut_at_every_write_and_erase() -> None:
    """LittleFS keeps the old or the new file, the block whole or torn (ports' own promise)."""
    with BoardProcess(files=_FILES) as board:
        board.wait_entry(event="idle")
        counts = board.control(flash=None)["flash"]
    total = counts["writes"] + counts["erases"]
    assert 0 < total < _MOST_WRITES
    for torn in (False, True):
        for at in range(1, total + 1):
            found = states_after_cut(at, torn)
            assert found in (["old", "old"], ["old", "new"]), (at, torn, found)


def states_after_cut(at: int, torn: bool) -> list[str]:
    """The file as each of the two lives found it."""
    cut = f"{at}:torn" if torn else str(at)
    with BoardProcess("--power-cut", cut, files=_FILES) as board:
        board.wait_entry(event="power cut")
        board.wait_entry(event="idle", life=2)
        board.wait_line("^saved")
        assert not any("Traceback" in line for line in board.lines), board.lines
        return board.wait_line(r"^found (\w+)", 2)


def test_power_cut_by_control_happens_once() -> None:
    program = b"""
while True:
    with open("x", "w") as file:
        file.write("x" * 5000)
"""
    with BoardProcess(files={"main.py": program}) as board:
        board.control(power_cut={"at": 9, "torn": True})
        board.wait_entry(event="boot", life=2)
        board.wait(lambda: board.control(flash=None)["flash"]["erases"] > 20, "writes after it")
        assert len(board.entries(event="power cut")) == 1


def test_from_the_power_cut_on_nothing_is_written() -> None:
    """A loaded PC kills the interpreter late: until then it must stand still."""
    program = b"""
import esp, os
if "begun" not in os.listdir():
    open("begun", "w").close()
    print("begun")
    while True:
        esp.flash_write(0xF0000, b"1234")
"""
    with BoardProcess(files={"main.py": program}) as board:
        board.wait_line("^begun")
        board.control(power_cut={"at": 100})
        then = board.wait_entry(event="power cut")
        board.wait_entry(event="idle", life=2)
        now = board.control(flash=None)["flash"]
        assert (now["writes"], now["erases"]) == (then["writes"], then["erases"])


def make_flash(folder: Path, events: list[str]) -> Flash:
    image = folder / "image"
    image.write_bytes(b"\xff" * (4 * SECTOR))
    return Flash(image, "dio", b"rom!", lambda: events.append("cut"))


def test_nor_rules_and_torn_blocks(tmp_path: Path) -> None:
    events: list[str] = []
    flash = make_flash(tmp_path, events)
    flash.write(FS_START, b"\x0f\xf0")
    flash.write(FS_START, b"\xf1\xff")
    assert flash.read(FS_START, 3) == b"\x01\xf0\xff"
    flash.cut = PowerCut(2, torn=True)
    flash.write(FS_START + 8, b"1234")
    assert events == []
    flash.write(FS_START + 16, b"1234")
    assert events == ["cut"]
    assert flash.read(FS_START + 16, 4) == b"12\xff\xff"
    flash.write(FS_START + SECTOR, bytes(SECTOR))
    flash.cut = PowerCut(1, torn=True)
    flash.erase(FS_START // SECTOR + 1)
    half = SECTOR // 2
    assert flash.read(FS_START + SECTOR, SECTOR) == b"\xff" * half + bytes(half)
    assert flash.counts() == {"writes": 5, "erases": 1}
    flash.close()


def test_what_lies_beside_the_file_system(tmp_path: Path) -> None:
    flash = make_flash(tmp_path, [])
    assert flash.read(0, 4) == b"\xe9\x01\x02\x40"
    assert flash.read(0xB0000, 6) == b"rom!\xff\xff"
    assert flash.size == FS_START + 4 * SECTOR + 20480
    flash.close()


@pytest.mark.parametrize("kept", [True, False])
def test_an_image_that_is_given_is_kept(tmp_path: Path, kept: bool) -> None:
    config = tmp_path / "config.py"
    config.write_text("WORD = 'mine'")
    program = b"import config\nprint(config.WORD)\nopen('mark', 'w').close()\n"
    image = tmp_path / "flash.img"
    content = images.make_littlefs({"main.py": program, "config.py": b"WORD = 'theirs'"}, BLOCKS)
    image.write_bytes(content)
    more = ["--config", str(config)] if kept else []
    with BoardProcess("--image", str(image), *more) as board:
        assert board.finish() == ["mine" if kept else "theirs"]
    tree = images.read_littlefs(image.read_bytes())
    assert "mark" in tree
    assert tree["config.py"] == (b"WORD = 'mine'" if kept else b"WORD = 'theirs'")


def test_power_cut_wants_a_number() -> None:
    wrong = run_board("--power-cut", "soon")
    assert wrong.returncode == 2
    assert "--power-cut" in wrong.stderr


def test_a_blank_flash_is_formatted_and_given_an_access_point(tmp_path: Path) -> None:
    """modules/inisetup.py."""
    image = tmp_path / "blank.img"
    image.write_bytes(b"\xff" * (BLOCKS * SECTOR))
    with BoardProcess("--image", str(image)) as board:
        board.wait_entry(event="wifi", ap="MicroPython-0a1b2c")
        assert board.finish() == ["Performing initial setup"]
    assert list(images.read_littlefs(image.read_bytes())) == ["boot.py"]


def test_a_corrupt_file_system_is_complained_about_and_left(tmp_path: Path) -> None:
    image = tmp_path / "corrupt.img"
    image.write_bytes(bytes(BLOCKS * SECTOR))
    with BoardProcess("--image", str(image)) as board:
        board.wait_line("sector 256 with size 251 sectors looks corrupt")
        assert board.control(flash=None)["flash"]["erases"] == 0
