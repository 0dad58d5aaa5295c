"""The Python that plays the chip's peripherals, made ready to be frozen into the interpreter."""

from __future__ import annotations

import re
from pathlib import Path

from tools.board import ops
from tools.board.vmbuild import VM_SOURCES, number_names

OWN_SOURCES = Path(__file__).parent / "vm"  # in place of the virtual board's of the same name
SHARED = ("clocks", "pads")
# In C on the chip, under the same names as these have in the virtual board's folder.
PLAYED = ("machine", "network", "socket")
_BUILT_IN = re.compile(r"\bumachine\b")


def stubs() -> dict[str, str]:
    """File names to sources, with the numbers of ops.py in place of names."""
    sources = {name: VM_SOURCES / f"{name}.py" for name in SHARED}
    sources |= {f"played_{name}": VM_SOURCES / f"{name}.py" for name in PLAYED}
    sources |= {path.stem: path for path in sorted(OWN_SOURCES.glob("*.py"))}
    return {
        f"{name}.py": _BUILT_IN.sub("_machine", number_names(path.read_text()))
        for name, path in sources.items()
    }


def operations() -> str:
    """The numbers of the bus for C: OP_RESET and so on."""
    numbers = {name: value for name, value in vars(ops).items() if name.isupper()}
    lines = [f"#define OP_{name} ({value})\n" for name, value in numbers.items()]
    return "// From tools/board/ops.py.\n" + "".join(lines)
