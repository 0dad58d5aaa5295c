"""Collects scripts that run inside MicroPython: each function test_* of one is a test here.

A script runs once, in the interpreter that the virtual board has, with the compiled code of the
built image; what it prints (tests/unit/harness.py) becomes the outcome of each test.
"""

import ast
import functools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.boards import build
from tools.board.process import ROOT

LIB = ROOT / "build/mpy/fs/lib"
TIMEOUT = 60.0  # seconds for a script
_HEAP = "300k"
_OUTCOME = re.compile(r"^(ok|FAIL) (\w+)$", re.MULTILINE)

_build_once = functools.cache(build)


class ScriptFailed(Exception):
    """What the script printed for a test that failed."""


class Script(pytest.File):
    """A file with functions test_*, run by MicroPython."""

    def collect(self) -> Iterable["Check"]:
        tree = ast.parse(self.path.read_text())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield Check.from_parent(self, name=node.name, line=node.lineno)

    @functools.cached_property
    def outcomes(self) -> dict[str, tuple[bool, str]]:
        """For each test that ran: whether it passed, and what it printed before saying so."""
        printed = run_script(self.path)
        parts = _OUTCOME.split(printed)
        texts, words, names = parts[0::3], parts[1::3], parts[2::3]
        found = {
            name: (word == "ok", text)
            for name, word, text in zip(names, words, texts, strict=False)
        }
        return found | {"": (False, texts[-1])}


class Check(pytest.Item):
    """One test of a script."""

    def __init__(self, *, line: int, **more: Any) -> None:
        super().__init__(**more)
        self._line = line

    def runtest(self) -> None:
        assert isinstance(self.parent, Script)
        outcomes = self.parent.outcomes
        passed, printed = outcomes.get(self.name) or outcomes[""]
        if not passed:
            raise ScriptFailed(printed.strip())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ScriptFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line, self.name


def run_script(path: Path) -> str:
    """What the script prints; files that it makes are gone afterwards."""
    _build_once()
    program = Path(sys.executable).parent / "micropython"
    found = os.pathsep.join([str(path.parent), str(LIB), ".frozen"])
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [str(program), "-X", f"heapsize={_HEAP}", str(path)],
            cwd=scratch,
            env={"MICROPYPATH": found},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
        )
    return done.stdout
