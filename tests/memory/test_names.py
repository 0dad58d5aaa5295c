"""All names that the board may ever meet have their places in the tables made at start."""

import ast
import re
from pathlib import Path

from tests.support.http import Client
from tools.device_packages import ROOT
from tools.heap import gate

# MicroPython's tables of names hold 20, 40, 80, 160 and 320, 620 in all; the next one has 640
# places and takes 3.8 kB of the chip's heap in one piece. The firmware needs it by a few names,
# most of them the paths of its many modules (a PC's MicroPython knows some of them anyway). Until
# there are fewer, that table at least comes at the start, and is the last.
PLACES = 1260
_COUNT = re.compile(r"n_qstr=(\d+)")
# main.py as it is, which tells each second how many names there are.
_COUNTED = b"""    import micropython
    _second = Api.second
    def second(self):
        _second(self)
        micropython.qstr_info()
    Api.second = second
    cold("serving").run(app)
"""
_RUN = b'    cold("serving").run(app)\n'


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
    """Optional kinds of pins included, after a page, a list, and an error."""
    files = ROOT / "build/romfs/fs"
    boot = b"import micropython\nmicropython.qstr_info()\n" + (files / "boot.py").read_bytes()
    optional = b"    from picopin import inputs, last, pwm\n"
    main = (files / "main.py").read_bytes()
    assert _RUN in main
    changed = {"boot.py": boot, "main.py": main.replace(_RUN, optional + _COUNTED)}
    with gate.board(ROOT / "build", gate.ROMFS, gate.MOST, changed) as board:
        client = Client(f"http://127.0.0.1:{gate.port_of(board)}")
        for path in ("/", "/pins", "/status", "/log", "/wifi", "/nothing", "/?pin=99"):
            client.get(path)
        at = len(counts(board.lines))
        board.wait(lambda: len(counts(board.lines)) > at + 1, "one more count")
        found = counts(board.lines)
    assert found[-1] - found[0] <= PLACES


def counts(lines: list[str]) -> list[int]:
    return [int(found[1]) for found in map(_COUNT.search, list(lines)) if found]
