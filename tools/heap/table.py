"""What each module, the names and the start take of the heap, measured in a running board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.board.process import BoardProcess
from tools.heap.gate import MOST, Layout, board, port_of

VM = Path(__file__).parent / "vm"
_NAMES = re.compile(r"n_qstr=(\d+), n_str_data_bytes=(\d+), n_total_bytes=(\d+)")


@dataclass(frozen=True)
class Row:
    """What a step takes for good: bytes of heap, new names, and bytes of the tables for names.

    MicroPython looks names up in tables that grow by doubling: the one who brings a name too many
    does not pay for the next table alone. From ROMFS the text of a name stays in flash.
    """

    step: str
    allocated: int
    names: int
    tables: int

    @property
    def own(self) -> int:
        return self.allocated - self.tables


def measure(build: Path, layout: Layout) -> list[Row]:
    """A row for each module in the order of loading, for boot.py's and main.py's work."""
    names = list(_modules(build, layout))
    first = (build / layout.name / "fs" / "boot.py").read_bytes()
    probe = (VM / "cost.py").read_bytes()
    listed = {"modules_listed.py": f"NAMES = {names}".encode(), "first.py": first}
    with board(build, layout, MOST, listed | {"boot.py": probe}) as running:
        running.wait_line(r"^heap main\.py")
        running.wait_line(_NAMES.pattern, len(names) + 4)
        return [row for row in _rows(running) if row.step != "timer"]


def _modules(build: Path, layout: Layout) -> Iterator[str]:
    """What stays loaded, each after what it imports."""
    first = (build / layout.name / "fs" / "boot.py").read_bytes()
    probe = (VM / "order.py").read_bytes()
    # Modules that are loaded for one use and then forgotten.
    passing = {path.stem for path in (build / layout.name).glob("*/lib/c/*")}
    passing |= {"ulogging", "utemplate", "utemplate.compiled", "picopin.templates"}
    with board(build, layout, MOST, {"boot.py": probe, "first.py": first}) as running:
        port_of(running)
        for line in running.lines:
            name = line.removeprefix("loaded ")
            if name.startswith("picopin.templates."):
                continue
            if name != line and name != "config" and name not in passing:
                yield name


def _rows(running: BoardProcess) -> Iterator[Row]:
    before: tuple[int, ...] | None = None
    step, allocated = "", 0
    for line in running.lines:
        if line.startswith("heap "):
            step, allocated = line.split()[1], int(line.split()[2])
        elif found := _NAMES.search(line):
            names, text, total = map(int, found.groups())
            now = (allocated, names, total - text)
            if before:
                yield Row(step, *(new - old for new, old in zip(now, before, strict=True)))
            before = now


def report(rows: list[Row]) -> str:
    lines = [f"{'':<24}{'bytes':>8}{'names':>7}"]
    lines += [f"{row.step:<24}{row.own:>8,}{row.names:>7}" for row in rows if row.own]
    names = sum(row.names for row in rows)
    lines.append(f"{'tables of names':<24}{sum(row.tables for row in rows):>8,}")
    lines.append(f"{'all, while serving':<24}{sum(row.allocated for row in rows):>8,}{names:>7}")
    return "\n".join(lines)
