"""Private names and parameters are shared between modules; the code stays the same code."""

import ast

import pytest

from tools.build import project_modules
from tools.device_packages import ROOT
from tools.names import share


def shared(source: str, other: str = "") -> str:
    return share({"m.py": source.encode()}, [other.encode()])["m.py"].decode()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("_LIMIT = 3\nprint(_LIMIT)\n", "_a = 3\nprint(_a)\n"),
        ("def _find(key):\n    return key\n", "def _a(a0):\n    return a0\n"),
        (
            "async def _run():\n    global _now\n    _now = 1\n_now = 0\n",
            "async def _b():\n    global _a\n    _a = 1\n_a = 0\n",
        ),
        (
            "class _Box:\n    def put(self, thing):\n        pass\n",
            "class _a:\n    def put(a0, a1):\n        pass\n",
        ),
        (
            "def f(e):\n    try:\n        e()\n    except OSError as e:\n        e()\n",
            "def f(a0):\n    try:\n        a0()\n    except OSError as a0:\n        a0()\n",
        ),
        (
            "def f(one):\n    return lambda two: one + two\n",
            "def f(a0):\n    return lambda a1: a0 + a1\n",
        ),
    ],
)
def test_what_is_renamed(source: str, expected: str) -> None:
    assert shared(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "def put(thing=1):\n    pass\nput(thing=2)\n",  # given by keyword
        "from m import _hidden\n_hidden = 1\n",  # another module asks for it
        "_N = const(3)\n",  # a number after compiling
        "def f(size):\n    x.size = size\n",  # costs its place anyway
        "def f():\n    _a = 1\n",  # a local name is none on the board
    ],
)
def test_what_is_not(source: str) -> None:
    assert shared(source) == source


def test_a_name_that_is_there_is_not_given_again() -> None:
    assert shared("_a = const(1)\n_key = _a\n") == "_a = const(1)\n_b = _a\n"


def test_names_of_other_code_are_kept() -> None:
    source = "def f(key):\n    pass\n"
    assert shared(source, "key = 1\n") == source


def test_the_firmware_is_the_same_code() -> None:
    """Every line keeps its statements: only names differ, and each by one other in its module."""
    modules = list(project_modules(ROOT))
    for path, source in share({m.path: m.source for m in modules}, []).items():
        before = next(module.source for module in modules if module.path == path)
        old, new = (list(ast.walk(ast.parse(each))) for each in (before, source))
        assert [type(node) for node in old] == [type(node) for node in new]
        assert [getattr(n, "lineno", 0) for n in old] == [getattr(n, "lineno", 0) for n in new]
        pairs = {
            (a.id, b.id)
            for a, b in zip(old, new, strict=True)
            if isinstance(a, ast.Name) and isinstance(b, ast.Name)
        }
        assert len(pairs) == len({before for before, _ in pairs}), path
