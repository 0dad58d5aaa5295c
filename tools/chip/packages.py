"""What it takes to build and run MicroPython for the ESP8266's processor, from Debian's packages.

A cross compiler, picolibc's headers, QEMU and MicroPython's source are unpacked into build/chip,
without root. Fetched once; a later call reads two stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.chip import source as micropython
from tools.chip import toolchain
from tools.chip.apt import Unavailable
from tools.chip.kept import Stamp, ensure, locked

__all__ = ["Kit", "Unavailable", "get"]

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build/chip"


@dataclass(frozen=True)
class Kit:
    """Where everything lies, as absolute paths."""

    compiler: Path  # xtensa-lx106-elf-gcc
    qemu: Path  # qemu-xtensa, the user mode
    host_compiler: Path  # a C compiler for this PC, which makes QEMU's plugins
    includes: Path  # picolibc's headers for the chip
    source: Path  # MicroPython's source tree
    environment: dict[str, str]  # goes on top of os.environ to run these with
    versions: dict[str, str]  # of each package, and of "micropython" as its source says
    plugins: bool = (
        True  # whether toolchain.QEMU loads plugins: Debian 13's is linked statically and cannot
    )


def get(folder: Path = FOLDER, source: Path | None = None) -> Kit:
    """The kit, fetched first where `folder` does not hold it; `source`: a tree at hand, used as
    it is. Raises Unavailable."""
    folder = folder.resolve()
    tree = None if source is None else micropython.check_tree(source.resolve())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            tools = ensure(folder / "debian", toolchain.asked(), toolchain.unpack_all)
            if tree is None:
                ensure(
                    folder / "micropython",
                    {"sha256": micropython.SHA256},
                    micropython.unpack_source,
                )
    except OSError as error:
        raise Unavailable(f"{folder} cannot hold the chip's tools: {error}") from error
    return describe(folder, tools, tree or folder / "micropython/tree", own_source=tree is not None)


def describe(folder: Path, tools: Stamp, tree: Path, own_source: bool) -> Kit:
    debian = folder / "debian"
    versions = {**tools["versions"], "micropython": micropython.tree_version(tree)}
    if not own_source:
        versions["micropython source package"] = micropython.VERSION
    return Kit(
        compiler=debian / "root/usr/bin/xtensa-lx106-elf-gcc",
        qemu=debian / "root" / toolchain.QEMU,
        host_compiler=debian / tools["host_compiler"],
        includes=debian / tools["includes"],
        source=tree,
        environment=toolchain.environment(debian) if tools["libraries_needed"] else {},
        versions=versions,
        plugins=tools["plugins"],
    )
