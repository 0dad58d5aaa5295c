"""Fewer names on the board: what is private to a module is called alike in all modules.

MicroPython keeps every identifier that it ever met in tables that double as they fill, the fifth
of them with 640 places: 7 kB of a 64-bit heap, 3.8 kB on the chip, in one piece. All of Picopin's
own names, cold modules included, would need it. Names that nobody outside of their module can ask
for are therefore shared between modules before they are compiled:

- what begins with an underscore at the top of a module: _a, _b, ...
- parameters that nobody gives by keyword: a0, a1, ...

Lines stay where they are, so tracebacks point at the sources as they are in the repository.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from string import ascii_lowercase

_PRIVATE = re.compile(r"_[A-Za-z]\w*$")
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Named = ast.stmt | ast.ExceptHandler
Place = tuple[int, int, str]  # line, byte in it, and the name that stands there


def share(sources: dict[str, bytes], others: Iterable[bytes]) -> dict[str, bytes]:
    """Rename in `sources`, a text for each module; `others` is what else may use its functions."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    taken = set[str]()
    for tree in [*trees.values(), *map(ast.parse, others)]:
        taken |= _public(tree)
    for source in others:
        taken |= {name for _, _, name in _places(ast.parse(source), source)}
    return {path: _rename(source, trees[path], taken) for path, source in sources.items()}


def _public(tree: ast.Module) -> set[str]:
    """Names that cost a place anyway, or that are asked for from elsewhere."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found |= {node.asname or "", *node.name.split(".")}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    for node in tree.body:
        found |= {name for name in _bound(node) if not _PRIVATE.match(name)}
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    """What a statement at the top of a module names; constants are numbers after compiling."""
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Assign) and not _is_const(node.value):
        for target in node.targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _is_const(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const"


def _rename(source: bytes, tree: ast.Module, taken: set[str]) -> bytes:
    places = list(_places(tree, source))
    used = {name for _, _, name in places} | taken
    private = sorted(
        {name for node in tree.body for name in _bound(node) if _PRIVATE.match(name)} - taken
    )
    letters = (name for name in _letters() if name not in used)
    new = dict(zip(private, letters, strict=False))
    new |= _parameters(tree, used, taken | set(private))
    lines = source.splitlines(keepends=True)
    for line, at, name in sorted(places, reverse=True):
        if name in new:
            text = lines[line - 1]
            lines[line - 1] = text[:at] + new[name].encode() + text[at + len(name.encode()) :]
    return b"".join(lines)


def _letters() -> Iterator[str]:
    for number in count():
        more = "" if number < 26 else str(number // 26)
        yield f"_{ascii_lowercase[number % 26]}{more}"


def _parameters(tree: ast.Module, used: set[str], kept: set[str]) -> dict[str, str]:
    """New names of parameters: different ones for those that meet in a function."""
    neighbours = defaultdict[str, set[str]](set)
    for unit in _units(tree):
        names = {name for _, _, name in _places(unit, b"")}
        for name in names:
            neighbours[name] |= names - {name}
    new: dict[str, str] = {}
    for name in sorted({node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} - kept):
        near = {new.get(neighbour) for neighbour in neighbours[name]}
        shared = (f"a{number}" for number in count())
        new[name] = next(each for each in shared if each not in near and each not in used)
    return new


def _units(tree: ast.Module) -> Iterator[ast.AST]:
    """Pieces of code that share no local names: functions, methods, all else."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from node.body
        else:
            yield node


def _places(tree: ast.AST, source: bytes) -> Iterator[Place]:
    """Where names stand that are variables, parameters, functions or classes."""
    lines = source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.col_offset, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.col_offset, node.arg
        elif isinstance(node, Definition):
            yield _find(rb"(?:def|class)\s+", node.name, node, lines)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield _find(rb"as\s+", node.name, node, lines)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for name in node.names:
                yield _find(rb"\b", name, node, lines)


def _find(before: bytes, name: str, node: Named, lines: list[bytes]) -> Place:
    """Where a name stands in the line of a node that does not know it more exactly."""
    pattern = re.compile(before + rb"(%s)\b" % name.encode())
    found = pattern.search(lines[node.lineno - 1], node.col_offset) if lines else None
    return node.lineno, found.start(1) if found else 0, name
