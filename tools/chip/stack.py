"""`python -m tools.chip stack`: how deep the chip's C stack goes, a row a scene."""

from __future__ import annotations

import bisect
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
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
    r"mp_execute_bytecode|mp_call_|fun_bc_|mp_call_function|mp_obj_gen_|gen_|closure_call|type_call"
    r"|mp_obj_(malloc|new|get|is)|mp_load_|mp_convert|gc_|m_malloc|m_free|memory_|nlr_|dispatch"
    r"|chip_take_interrupts|bound_meth_call|fun_builtin|fun_\d|mp_map|mp_cstack|mp_stack|mp_sched"
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


def measured() -> Iterator[tuple[Setting, Row]]:
    """All rows, in the order of the scenes; several boards run at once."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for setting, rows in zip(SETTINGS, pool.map(lambda each: list(play(each)), SETTINGS)):
            for row in rows:
                yield setting, row


def show(chip: Chip, markdown: bool) -> None:
    """Play all scenes with the firmware as its sources are now, and print the table."""
    subprocess.run([sys.executable, "-m", "tools.build", "--quiet"], cwd=ROOT, check=True)
    rows = list(measured())
    for line in table(rows, chip, markdown):
        print(line)


def _cells(row: Row, names: Names) -> tuple[str, ...]:
    sizes = ["" if size is None else f"{size:,}" for size in (row.free, row.largest)]
    told = where(row.calls, names) + (f" **{row.trouble}**" if row.trouble else "")
    return (row.scene, f"{row.peak:,}", *sizes, told)


HEAD = ("scene", f"stack, of {STACK:,}", "free heap", "in one piece", "where, the deepest first")


def table(rows: list[tuple[Setting, Row]], chip: Chip, markdown: bool) -> Iterator[str]:
    """Its lines."""
    names = Names.read(chip.symbols)
    for setting, of_it in groupby(rows, key=lambda pair: pair[0].name):
        cells = [_cells(row, names) for _, row in of_it]
        yield from _markdown(setting, cells) if markdown else _text(setting, cells)


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
