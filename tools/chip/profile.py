"""Where a program for the chip's processor spends its instructions, function by function.

`python -m tools.chip.profile COUNTS ELF` prints the table. COUNTS is the file that the plugin
plugin/count.c writes with profile=COUNTS, ELF the program that ran, with its symbols.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.chip import packages

UNKNOWN = "(no symbol)"


@dataclass(frozen=True)
class Function:
    """A symbol in the program's code."""

    address: int
    size: int  # in bytes; 0 where hand-written assembler does not say
    name: str


def read_counts(lines: Iterable[str]) -> Counter[int]:
    """Instructions executed in each block, by the block's address: lines "0xADDRESS COUNT"."""
    counts: Counter[int] = Counter()
    for line in lines:
        address, instructions = line.split()
        counts[int(address, 16)] += int(instructions)
    return counts


def read_symbols(lines: Iterable[str]) -> list[Function]:
    """The functions by address, from the lines of `nm --print-size`: [SIZE] in the middle.

    Labels without a size that lie inside a function are left out: they are jump targets.
    """
    found = []
    for line in lines:
        address, *size, kind, name = line.split()
        if kind in "tTwW":
            found.append(Function(int(address, 16), int(size[0], 16) if size else 0, name))
    functions: list[Function] = []
    end = 0  # of the last function with a size
    for function in sorted(found, key=lambda function: (function.address, -function.size)):
        if function.size or function.address >= end:
            functions.append(function)
        end = max(end, function.address + function.size)
    return functions


def symbols(elf: Path) -> list[Function]:
    """The functions of a program. Raises CalledProcessError where `elf` is none."""
    kit = packages.get()
    nm = kit.compiler.with_name("xtensa-lx106-elf-nm")
    run = subprocess.run(
        [nm, "--defined-only", "--print-size", elf],
        env={**os.environ, **kit.environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return read_symbols(run.stdout.splitlines())


def by_function(counts: Counter[int], functions: list[Function]) -> Counter[str]:
    """Instructions by function; a block belongs to the function in which it starts."""
    starts = [function.address for function in functions]
    totals: Counter[str] = Counter()
    for address, instructions in counts.items():
        index = bisect_right(starts, address) - 1
        totals[functions[index].name if index >= 0 else UNKNOWN] += instructions
    return totals


def table(totals: Counter[str], top: int) -> str:
    """The `top` functions with the most instructions, their shares, and the sum of all."""
    whole = totals.total()
    lines = [f"{'instructions':>14}  {'share':>6}  function"]
    for name, instructions in totals.most_common(top):
        lines.append(f"{instructions:14,}  {instructions / whole:6.1%}  {name}")
    lines.append(f"{whole:14,}  {1:6.1%}  all {len(totals)} functions")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.chip.profile", description=__doc__)
    parser.add_argument("counts", type=Path, help="what the plugin wrote with profile=COUNTS")
    parser.add_argument("elf", type=Path, help="the program that ran")
    parser.add_argument(
        "--top", type=int, default=40, help="how many functions to list; %(default)s"
    )
    options = parser.parse_args()
    counts = read_counts(options.counts.read_text().splitlines())
    if not counts:
        parser.error(f"{options.counts} is empty: nothing ran between its begin= and end= marks")
    print(table(by_function(counts, symbols(options.elf)), options.top))


if __name__ == "__main__":
    main()
