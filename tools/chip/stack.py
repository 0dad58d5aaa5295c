"""`python -m tools.chip stack`: how deep the chip's C stack goes, a row a scene."""

from __future__ import annotations

import bisect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.board.process import ROOT
from tools.chip.build import Chip
from tools.chip.scenes import SETTINGS, Row, Setting, play

STACK = 8192  # bytes, the chip's
MOST = 6500  # bytes that a scene may take
_AT_ONCE = 3  # boards: they mostly wait
_SHOWN_C, _SHOWN_PYTHON = 3, 5
# Between a Python function and the next there are always the same C functions.
_PLUMBING = re.compile(
    r"(mp_(call|load|store|convert|obj|execute|cstack|sched|print|map|unary|binary|get)_|mp_module_"
    r"|fun_|gen_|closure_|type_|class_|instance_|bound_meth|module_attr|check_for_special|dict_"
    r"|vstr_|exc_|gc_|m_|memory_|nlr_|chip_take|take_lines|interrupts_|bus_receive|array_)"
)


@dataclass
class Names:
    """The functions of the interpreter, by the addresses in them."""

    _starts: list[int] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, symbols: Path) -> Names:
        """From lines `ADDRESS t NAME`, sorted."""
        names = cls()
        for line in symbols.read_text().splitlines():
            address, kind, name = line.split()
            if kind in "tT":
                names._starts.append(int(address, 16))
                names._names.append(name.split(".")[0])  # .part.0, .isra.0: pieces of one
        return names

    def of(self, word: str) -> str:
        """The function that a return address lies in; "" for a pointer to a function."""
        address = int(word, 16)
        at = bisect.bisect_right(self._starts, address) - 1
        if at < 0 or self._starts[at] == address:
            return ""
        return self._names[at]


def where(calls: list[str], names: Names) -> str:
    """The deepest functions, the deepest first: some of C, then of Python.

    Words that earlier calls left lie among them, and each function leaves several: of a name only
    the first is kept.
    """
    c: list[str] = []
    python: list[str] = []
    for word in calls:
        if word.startswith("py:"):
            _append(python, word.removeprefix("py:"), _SHOWN_PYTHON)
        elif not python and not _PLUMBING.match(name := names.of(word)):
            _append(c, name, _SHOWN_C)
    return " < ".join(c + [f"{name}()" for name in python])


def _append(names: list[str], name: str, most: int) -> None:
    if name and name not in names and len(names) < most:
        names.append(name)


def measured() -> Iterator[tuple[Setting, list[Row]]]:
    """All rows, in the order of the scenes; several boards run at once."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from zip(SETTINGS, pool.map(lambda each: list(play(each)), SETTINGS), strict=True)


def show(chip: Chip, markdown: bool, known: Path | None) -> None:
    """Play all scenes with the firmware as its sources are now, and print the table.

    `known`: a JSON file for the rows that take more than MOST, {setting: {scene: bytes}}.
    """
    subprocess.run([sys.executable, "-m", "tools.build", "--quiet"], cwd=ROOT, check=True)
    names = Names.read(chip.symbols)
    above: dict[str, dict[str, int]] = {}
    for setting, rows in measured():
        cells = [_cells(row, names) for row in rows]
        for line in (_markdown if markdown else _text)(setting.name, cells):
            print(line, flush=True)
        if found := {row.scene: row.peak for row in rows if row.peak > MOST}:
            above[setting.name] = found
    if known:
        known.write_text(json.dumps(above, indent=1, ensure_ascii=False) + "\n")


def _cells(row: Row, names: Names) -> tuple[str, ...]:
    sizes = ["" if size is None else f"{size:,}" for size in (row.free, row.largest)]
    told = where(row.calls, names)
    if row.refused:
        told += f" (503, memory lacks: {row.refused})"
    if row.trouble:
        told += f" **{row.trouble}**"
    return (row.scene, f"{row.peak:,}", *sizes, told)


HEAD = ("scene", f"stack, of {STACK:,}", "free heap", "in one piece", "where, the deepest first")


def _text(setting: str, cells: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"\n{setting}"
    for scene, peak, free, largest, told in cells:
        yield f"  {scene:<48} {peak:>6} {free:>7} {largest:>7}  {told}"


def _markdown(setting: str, cells: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"\n**{setting}**\n"
    yield "| " + " | ".join(HEAD) + " |"
    yield "|---|--:|--:|--:|---|"
    for row in cells:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
