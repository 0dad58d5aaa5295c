"""config.py as text: a value replaced where it stands, every comment left as it is."""

from __future__ import annotations

import ast
from typing import Any


def value(text: str, name: str) -> Any:
    """What `name` is set to; KeyError where it is not, ValueError where that is no plain value."""
    return ast.literal_eval(assignment(text, name).value)


def replaced(text: str, name: str, new: Any) -> str:
    """The text with `name` set to `new`; an assignment that is missing is added at the end."""
    try:
        node = assignment(text, name).value
    except KeyError:
        return f"{text.rstrip()}\n\n{name} = {written(new)}\n"
    data = text.encode()  # ast counts columns in bytes
    start = position(data, node.lineno, node.col_offset)
    assert node.end_lineno is not None and node.end_col_offset is not None
    end = position(data, node.end_lineno, node.end_col_offset)
    return (data[:start] + written(new).encode() + data[end:]).decode()


def assignment(text: str, name: str) -> ast.Assign:
    """The last assignment to `name`: the one in force."""
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return node
    raise KeyError(name)


def position(data: bytes, line: int, column: int) -> int:
    """Bytes from the beginning; `line` counts from 1."""
    return sum(len(before) for before in data.splitlines(keepends=True)[: line - 1]) + column


def written(new: Any) -> str:
    """A value as config.py has it: double quotes, and a list with an entry a line."""
    if isinstance(new, list) and new and not isinstance(new[0], str):
        return "[\n" + "".join(f"    {written(entry)},\n" for entry in new) + "]"
    if isinstance(new, list):
        return "[" + ", ".join(map(written, new)) + "]"
    if isinstance(new, tuple):
        return "(" + ", ".join(map(written, new)) + ")"
    if isinstance(new, dict):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in new.items()) + "}"
    if isinstance(new, str):
        return quoted(new)
    return repr(new)


def quoted(text: str) -> str:
    """A str literal in double quotes that CPython and MicroPython read alike."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else code_point(ord(c)) for c in escaped) + '"'


def code_point(number: int) -> str:
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
