"""MicroPython's source: Debian's source package, pinned by its hash, or a tree at hand."""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
from pathlib import Path

from tools.chip.apt import Apt, AptError, Unavailable, of_sources, read_archives
from tools.chip.kept import Stamp, say

NAME = "micropython"
VERSION = "1.25.0+ds-1"
SUITE = "trixie"
SIZE = 5_983_992
SHA256 = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
HINT = "name a source tree of MicroPython at hand with MICROPYTHON=folder"


def check_tree(tree: Path) -> Path:
    """The tree itself, if it is MicroPython's with the ESP8266 port. Raises Unavailable."""
    for name in ("py/mpconfig.h", "ports/esp8266/mpconfigport.h"):
        if not (tree / name).is_file():
            raise Unavailable(f"{tree} is no source tree of MicroPython: it has no {name}")
    tree_version(tree)
    return tree


def tree_version(tree: Path) -> str:
    """As py/mpconfig.h says: "1.25.0"."""
    text = (tree / "py/mpconfig.h").read_text()
    found = [
        re.search(rf"#define MICROPY_VERSION_{part} (\d+)", text)
        for part in ("MAJOR", "MINOR", "MICRO")
    ]
    if not all(found):
        raise Unavailable(f"{tree} is no source tree of MicroPython: mpconfig.h has no version")
    return ".".join(number[1] for number in found if number)


def unpack_source(folder: Path) -> Stamp:
    """Fills the folder with tree/, MicroPython's source."""
    say(f"fetching MicroPython's source {VERSION} from Debian's packages, once")
    archive = fetch_source(folder / "apt")
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # 3.10 and 3.11 have it in their later versions only
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(folder / "unpacked")
    shutil.rmtree(folder / "apt")
    (top,) = (folder / "unpacked").iterdir()
    top.rename(folder / "tree")
    (folder / "unpacked").rmdir()
    return {"versions": {NAME: tree_version(check_tree(folder / "tree"))}}


def fetch_source(state: Path) -> Path:
    apt = Apt(state, of_sources(read_archives(), SUITE))
    apt.update()
    try:
        files = apt.source(NAME, VERSION)
    except AptError as error:
        raise Unavailable(
            f"MicroPython's source package {VERSION} cannot be had from Debian's suite "
            f"{SUITE}: apt-get says {str(error)!r}; {HINT}"
        ) from error
    return check_archive(files[0])


def check_archive(archive: Path) -> Path:
    """The archive itself, if it is the pinned one. Raises Unavailable."""
    data = archive.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if len(data) != SIZE or found != SHA256:
        raise Unavailable(
            f"{archive.name} is another than expected: {len(data)} bytes with SHA-256 {found}, "
            f"not {SIZE} with {SHA256}; {HINT}"
        )
    return archive
