"""The route table as the firmware's source has it."""

from __future__ import annotations

import ast
import runpy
from typing import Any
from unittest.mock import MagicMock

from tools.board.process import ROOT

ROUTES = ROOT / "lib/picopin/cold/routes.py"


def routes() -> dict[str, set[str]]:
    """Path, or a regular expression of those that have one name more, to its methods."""
    app = MagicMock(url_map=[])
    table = list(runpy.run_path(str(ROUTES))["of"](app))
    assert table, f"{ROUTES} has no routes"
    return {_pattern(path): set(options["methods"]) for path, _, options in table}


def _pattern(path: Any) -> str:
    return path if isinstance(path, str) else f"^{path._path}([^/]+)$"


def raised() -> set[str]:
    """The codes of all refusals in the firmware's source."""
    sources = (ROOT / "lib/picopin").rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {code for call in calls for code in _codes(call)}


def _codes(call: ast.Call) -> list[str]:
    """The codes in Refusal("code") and refuse(req, "code", ...), either arm of a condition."""
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    at = {"Refusal": 0, "refuse": 1}.get(name, len(call.args))
    return [
        node.value
        for argument in call.args[at : at + 1]
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
