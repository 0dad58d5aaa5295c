"""Questions to an interpreter: expressions and scripts, run by it without a board."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

UNIX = Path(sys.executable).parent / "micropython"  # of the unix port, as pip installs it
_HEAP = 400_000  # bytes: these tests are not about memory
_PATIENCE = 60.0  # seconds
_EVALUATE = """
for _row in {rows}:
    try:
        _shown = repr(eval(_row))
    except Exception as _e:
        _shown = type(_e).__name__
    print(_shown)
"""


def printed(interpreter: Path, script: str, heap: int = _HEAP) -> list[str]:
    """The lines that a script prints; AssertionError with what it said where it failed."""
    command = [str(interpreter), "-X", f"heapsize={heap}", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def values(interpreter: Path, expressions: Iterable[str], first: str = "") -> dict[str, str]:
    """What each expression gives, as repr() shows it, or the name of what it raises.

    first: statements that run before.
    """
    rows = list(dict.fromkeys(expressions))
    lines = printed(interpreter, first + _EVALUATE.format(rows=rows))
    assert len(lines) == len(rows), lines
    return dict(zip(rows, lines, strict=True))
