"""What the documentation says of real boards, held against the commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.device_packages import ROOT
from tools.flash import firmware
from tools.flash.layout import LITTLEFS_AT, ROMFS_AT

GUIDE = (ROOT / "docs/on-a-real-board.md").read_text("utf-8")
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
    return "\n".join(text for path in found for text in texts(path)).replace("`", "")


def quoted_messages() -> list[str]:
    table = GUIDE.split("## When it says")[1].split("\n\nOn the console")[0]
    return re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)


@pytest.mark.parametrize("message", quoted_messages())
def test_every_message_of_the_table_is_said_by_a_command(message: str) -> None:
    fragments = [re.escape(part.strip()) for part in re.split(EXAMPLES, message)]
    assert re.search(".*".join(fragments), said()), message


def test_every_command_of_the_guide_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make ([a-z-]+)", GUIDE + HARDWARE)):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target


def test_version_and_offsets_are_those_of_the_code() -> None:
    assert f"MicroPython {firmware.VERSION}" in GUIDE
    assert f"MicroPython {firmware.VERSION}" in HARDWARE
    assert f"0x{ROMFS_AT:06x}" in GUIDE
    assert f"0x{LITTLEFS_AT:06x}" in GUIDE


def test_every_claim_has_a_check_and_a_number_of_its_own() -> None:
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|$", HARDWARE, re.MULTILINE)
    assert len(rows) > 30
    assert len({number for number, _, _ in rows}) == len(rows)
