"""What the documentation says of real boards, held against the commands."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.device_packages import ROOT
from tools.flash import firmware
from tools.flash.layout import LITTLEFS_AT, ROMFS_AT

GUIDE = (ROOT / "docs/on-a-real-board.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
HARDWARE = (ROOT / "docs/hardware.md").read_text("utf-8")
EXAMPLES = r"/dev/ttyUSB0|config\.py|1024|ESP32|…"  # what the code has a variable for
SOURCES = ("tools", "tools/flash", "tools/deploy", "tools/configure")


def texts(path: Path) -> Iterator[str]:
    """Each string of a module, an f-string's values as an ellipsis."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def said() -> str:
    found = (path for folder in SOURCES for path in (ROOT / folder).glob("*.py"))
    commands = "\n".join(text for path in found for text in texts(path)).replace("`", "")
    scripts = "\n".join(path.read_text("utf-8") for path in (ROOT / "tools").glob("*.sh"))
    return f"{commands}\n{MAKEFILE}\n{scripts}"


def quoted_messages() -> list[str]:
    table = GUIDE.split("## When it says")[1].split("\n\nOn the console")[0]
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    return [message for row in rows for message in re.findall(r"`(.+?)`", row)]


@pytest.mark.parametrize("message", quoted_messages())
def test_every_message_of_the_table_is_said_by_a_command(message: str) -> None:
    fragments = [re.escape(part.strip()) for part in re.split(EXAMPLES, message)]
    assert re.search(".*".join(fragments), said()), message


def test_every_command_of_the_guide_is_a_target() -> None:
    for target in set(re.findall(r"`?make ([a-z-]+)", GUIDE + HARDWARE)):
        assert re.search(rf"^{target}:.*## ", MAKEFILE, re.MULTILINE), target


def test_version_and_offsets_are_those_of_the_code() -> None:
    assert f"MicroPython {firmware.VERSION}" in GUIDE
    assert f"MicroPython {firmware.VERSION}" in HARDWARE
    assert f"0x{ROMFS_AT:06x}" in GUIDE
    assert f"0x{LITTLEFS_AT:06x}" in GUIDE


def test_every_claim_has_a_check_and_a_number_of_its_own() -> None:
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|$", HARDWARE, re.MULTILINE)
    assert len(rows) > 30
    assert len({number for number, _, _ in rows}) == len(rows)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (
            "flash PORT=/dev/a BAUD=115200 FLASH_SIZE=4MB",
            "--port /dev/a --baud 115200 --flash-size 4MB",
        ),
        (
            "flash CONFIG=a.py LAYOUT=mpy FIRMWARE=a.bin",
            "--config a.py --layout mpy --firmware a.bin",
        ),
        ("deploy DRY_RUN=1", "--dry-run"),
        ("backup RESTORE=a.bin BAUD=9600", "--restore a.bin --baud 9600"),
        ("erase YES=1", "--yes"),
        ("release OUT=a", "--out a"),
    ],
)
def test_words_after_make_are_options_of_the_command(words: str, options: str) -> None:
    command = ["make", "--dry-run", "--no-print-directory", *words.split()]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    given = re.sub(r"['\\\s]+", " ", shown)
    assert f"-m tools.{words.split()[0]} " in given
    assert options in given
