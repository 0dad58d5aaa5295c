"""The route table as the firmware's source has it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from unittest.mock import MagicMock

from tools.board.process import ROOT

API = ROOT / "lib/picopin/api.py"


def routes(source: Path = API) -> dict[str, set[str]]:
    """Path, or the pattern of a regular expression, to its methods, from Api.__init__."""
    made: dict[str, object] = {"re": re, "self": MagicMock()}
    for statement in _constructor(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            exec(compile(ast.Module([statement], []), str(source), "exec"), made)
    table = made["routes"]
    assert isinstance(table, list)
    return {_pattern(path): set(options["methods"]) for path, _, options in table}


def _constructor(source: Path) -> ast.FunctionDef:
    """The function that makes the list `routes`."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            return node
    raise AssertionError(f"{source} has no constructor")


def _pattern(path: str | re.Pattern[str]) -> str:
    return path if isinstance(path, str) else path.pattern


def raised() -> set[str]:
    """The codes of all refusals in the firmware's source."""
    sources = (ROOT / "lib/picopin").rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {code for call in calls for code in _codes(call)}


def _codes(call: ast.Call) -> list[str]:
    """The codes in Refusal("code") and req.refuse("code"), either arm of a condition."""
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name not in ("Refusal", "refuse") or not call.args:
        return []
    return [
        node.value
        for node in ast.walk(call.args[0])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
