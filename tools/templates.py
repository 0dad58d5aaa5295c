"""Templates for the board: utemplate's own compiler, and what the board's heap asks beyond it.

A literal of a loaded template is an object on the heap, from ROMFS too: forty bytes each, for as
long as somebody takes to receive the page. So the text goes into a file beside the module, and
each piece is read when its turn has come.
"""

from __future__ import annotations

import ast
import importlib
import io
import re
import sys
import zlib
from functools import partial
from pathlib import Path

ADDRESS = re.compile(r"/static/@/([\w.]+)")
_OPENED = """
def render():
    from pkg_resources import resource_stream as _open_
    _text_ = _open_({package!r}, {name!r})
"""
_SOUGHT = """
def render():
    _text_.seek({at})
"""
_READ = """
def render():
    yield _text_.read({size}).decode()
"""
_MOST = 64  # characters read at once: the heap may have no larger gaps


class TemplateError(Exception):
    """Why a template is no use, in one line."""


def compile_template(path: Path, lib: Path, packages: Path) -> tuple[str, str]:
    """A template below `lib`: the Python source of its module, and the text that goes beside it.

    packages: where utemplate lies.
    """
    sys.path.insert(0, str(packages))
    try:
        utemplate = importlib.import_module("utemplate.source")
    finally:
        sys.path.remove(str(packages))
    output = io.StringIO()
    with io.StringIO(ADDRESS.sub(partial(address, path), path.read_text("utf-8"))) as template:
        loader = utemplate.Loader(None, str(path.parent))
        try:
            utemplate.Compiler(template, output, loader=loader).compile()
        except Exception as error:  # it knows no errors of its own: AssertionError, IndexError, ...
            raise TemplateError(f"{path}: utemplate cannot make sense of it: {error!r}") from error
    package, _, name = path.relative_to(lib).with_suffix(".txt").as_posix().partition("/")
    try:
        return move_text(output.getvalue(), package, name)
    except SyntaxError:  # in an expression of the template: mpy-cross says why
        return output.getvalue(), ""


def address(template: Path, match: re.Match[str]) -> str:
    """Where a static file lies, a tag in it that changes with the contents: gzip's CRC-32."""
    name = match[1]
    data = (template.parent.parent / "static" / name).read_bytes()
    return f"/static/{zlib.crc32(data).to_bytes(4, 'little').hex()}/{name}"


def move_text(source: str, package: str, name: str) -> tuple[str, str]:
    """Have a compiled template read its literals from the file `name` of `package`."""
    mover = _Mover(package, name)
    tree = ast.fix_missing_locations(mover.visit(ast.parse(source)))
    return ast.unparse(tree), mover.text


class _Mover(ast.NodeTransformer):
    def __init__(self, package: str, name: str) -> None:
        self._opened = _body(_OPENED.format(package=package, name=name))
        self.text = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        size = len(self.text)
        self.generic_visit(node)
        if len(self.text) > size:
            node.body[:0] = self._opened
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        match node.value:
            case ast.Yield(value=ast.Constant(value=str(literal))):
                moved = _body(_SOUGHT.format(at=len(self.text.encode())))
                for at in range(0, len(literal), _MOST):
                    moved += _body(_READ.format(size=len(literal[at : at + _MOST].encode())))
                self.text += literal
                return moved
        return node


def _body(source: str) -> list[ast.stmt]:
    [function] = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    return function.body
