"""All names that the board may ever meet have their places in the tables made at start."""

import ast
import re
from pathlib import Path

from tools.device_packages import ROOT
from tools.heap import gate

# MicroPython's tables of names hold 20, 40, 80, 160 and 320; the next one, with 640 places, would
# take 7 kB of a 64-bit heap, 3.8 kB on the chip, in one piece and in the middle of serving.
PLACES = 620
_COUNT = re.compile(r"n_qstr=(\d+)")
_LOAD = """
import micropython
from picopin import cold
for name in %r:
    __import__("picopin." + name)
for name in %r:
    cold(name)
micropython.qstr_info()
"""


def names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def test_all_cold_modules_are_met_at_start() -> None:
    """Those of cold.names, which are loaded before anything is served; check serves the start."""
    tree = ast.parse((ROOT / "lib/picopin/cold/names.py").read_text())
    met = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_MODULES"
    )
    assert sorted([*met, "check"]) == names_in(ROOT / "lib/picopin/cold")


def test_names_have_their_places(built: None) -> None:
    lib = ROOT / "lib/picopin"
    load = _LOAD % (names_in(lib), names_in(lib / "cold"))
    layout = ROOT / "build/romfs/fs"
    boot = b"import micropython\nmicropython.qstr_info()\n" + (layout / "boot.py").read_bytes()
    changed = {"boot.py": boot, "main.py": load.encode()}
    with gate.board(ROOT / "build", gate.ROMFS, gate.MOST, changed) as board:
        counts = [int(count) for count in board.wait_line(_COUNT.pattern, 2)]
    assert counts[-1] - counts[0] <= PLACES
