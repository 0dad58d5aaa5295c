"""What tools/lint_device.py takes for granted, asked of the interpreter that runs on the chip."""

import ast
import builtins
import collections
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chip.ask import UNIX, printed, values
from tools import lint_device
from tools.board.process import ROOT
from tools.chip.build import Chip

# Modules of the chip that this interpreter cannot be asked about.
PLAYED = {"machine", "network", "socket"}  # in Python, by the virtual board (port/played.c)
NOT_BUILT = {
    "cryptolib": "needs axTLS (port/mpconfigport.h)",
    "flashbdev": "asks the board for its flash",
    "dht": "is no part of Debian's source: micropython-lib",
    "lwip": "is the C of `socket`",
    "neopixel": "is no part of Debian's source: micropython-lib",
    "ntptime": "is no part of Debian's source: micropython-lib",
    "onewire": "is no part of Debian's source: micropython-lib",
    "tls": "needs axTLS",
    "websocket": "serves WebREPL alone (port/mpconfigport.h)",
}
# Methods of lwIP's sockets, which are played.
OF_SOCKETS = {"fileno", "getpeername", "shutdown"}
# Names that unix has and the lint need not know.
UNIX_ALONE = {
    "asyncio.__file__": "nobody asks a module for it; __file__ itself is a rule",
    "builtins.ViperTypeError": "the chip has it: the emitter is left out here (mpconfigport.h)",
    "hashlib.sha1": "the chip has it: left out here (mpconfigport.h)",
}
# Names used that are not there.
NEVER_REACHED = {"sys.exc_info": "Logger.exception() of ulogging, which nobody calls"}

# One of each type whose methods device code may call: for MicroPython and for Python.
OBJECTS = """
import {u}collections as collections, {u}hashlib as hashlib, {u}io as io, {u}re as re
objects = [
    "", b"", bytearray(), [], (), {{}}, {{1}}, frozenset(), 1, 1.0, True, None, slice, range(1),
    memoryview(b""), (i for i in ()), property(len), object(), len, type, Exception(),
    collections.OrderedDict(), collections.deque((), 1),
    io.StringIO(), io.BytesIO(), re.compile("a"), re.match("a", "a"), hashlib.sha256(),
]
"""


def device_code() -> Iterator[ast.Module]:
    """All that runs on a board: ours, and the packages that come with it."""
    paths = lint_device.device_files(ROOT) + sorted(ROOT.glob("build/packages/**/*.py"))
    assert len(paths) > 60, "`make build` fetches the packages"
    for path in paths:
        yield ast.parse(path.read_text(encoding="utf-8"))


def importable(names: set[str]) -> set[str]:
    """Those of a set of modules that the interpreter can be asked about."""
    return {name for name in names if lint_device.real_name(name) not in NOT_BUILT}


# What it says is missing.


def test_names_that_are_missing(chip: Chip) -> None:
    wanted = dict.fromkeys(lint_device.ABSENT_NAMES, "NameError")
    assert values(chip.launcher, wanted) == wanted


def test_methods_that_are_missing(chip: Chip) -> None:
    methods = lint_device.ABSENT_METHODS.keys() - OF_SOCKETS
    wanted = {f"[o for o in objects if hasattr(o, {name!r})]": "[]" for name in methods}
    assert values(chip.launcher, wanted, OBJECTS.format(u="u")) == wanted


@pytest.mark.parametrize("module", sorted(lint_device.ABSENT_ATTRIBUTES.keys() - PLAYED))
def test_members_that_are_missing(chip: Chip, module: str) -> None:
    names = lint_device.ABSENT_ATTRIBUTES[module]
    wanted = {f"hasattr(module, {name!r})": "False" for name in names}
    assert values(chip.launcher, wanted, f"import {module} as module\n") == wanted


@pytest.mark.parametrize(
    "module", ["pathlib", "unetwork", "ussl", "utimeq", "logging", "tools", "_thread"]
)
def test_modules_that_are_missing(chip: Chip, module: str) -> None:
    assert module not in lint_device.BUILT_IN
    assert values(chip.launcher, [f"__import__({module!r})"]).popitem()[1] == "ImportError"


_DIR = """
import sys, builtins, uio as io, uarray as array
for module in {modules}:
    print(module, " ".join(dir(__import__(module))))
print("", " ".join(name for each in objects for name in dir(each)))
"""


def names_of(interpreter: Path) -> set[str]:
    """All members of modules as module.name, and all methods as .name."""
    modules = sorted(importable(lint_device.BUILT_IN - {"__main__", "esp"} - PLAYED))
    both = [name for name in modules if lint_device.real_name(name) == name]
    lines = printed(interpreter, OBJECTS.format(u="u") + _DIR.format(modules=both))
    return {f"{line.split(' ')[0]}.{name}" for line in lines for name in line.split(" ")[1:]}


def test_all_that_unix_has_more_is_known(chip: Chip) -> None:
    """A name of the unix port that the chip lacks passes every test there."""
    known = {f".{name}" for name in lint_device.ABSENT_METHODS}
    known |= {f"builtins.{name}" for name in lint_device.ABSENT_NAMES}
    for module, names in lint_device.ABSENT_ATTRIBUTES.items():
        known |= {f"{module}.{name}" for name in names}
    assert names_of(UNIX) - names_of(chip.launcher) - known == set(UNIX_ALONE)


# What it says is there.


def test_modules_that_are_there(chip: Chip) -> None:
    modules = importable(lint_device.BUILT_IN)
    wanted = {f"__import__({name!r}) is not None": "True" for name in modules}
    assert values(chip.launcher, wanted) == wanted


_SPY = """
import vfs
class Spy:
    asked = 0
    def mount(self, readonly, mkfs):
        pass
    def umount(self):
        pass
    def stat(self, path):
        self.asked += 1
        raise OSError(2)
spy = Spy()
vfs.mount(spy, "/")
def searches(module):
    spy.asked = 0
    __import__(module)
    return spy.asked > 0
"""


def test_modules_whose_import_searches_the_files_first(chip: Chip) -> None:
    """Those that MicroPython registers as extensible, and those that are frozen Python."""
    modules = importable(lint_device.BUILT_IN - {"__main__", "asyncio", "uasyncio"})
    shown = values(chip.launcher, [f"searches({name!r})" for name in sorted(modules)], _SPY)
    searching = {name for name in modules if shown[f"searches({name!r})"] == "True"}
    assert searching == importable(lint_device.EXTENSIBLE)


def dotted(node: ast.AST, bound: dict[str, str]) -> str | None:
    """`asyncio.core.sleep_ms` for core.sleep_ms, where `core` is bound to asyncio.core."""
    match node:
        case ast.Name(id=name):
            return bound.get(name)
        case ast.Attribute(value=value, attr=attr):
            base = dotted(value, bound)
            return base and f"{base}.{attr}"
    return None


def members_used(tree: ast.Module) -> Iterator[str]:
    """Everything of a built-in module that the code names, with the module's real name."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            bound.update({a.asname or a.name.split(".")[0]: a.name for a in node.names})
        elif isinstance(node, ast.ImportFrom):
            bound.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    used = {*bound.values(), *(dotted(node, bound) for node in ast.walk(tree))}
    for name in filter(None, used):
        real = lint_device.real_name(name)
        if "." in real and real.split(".")[0] in lint_device.BUILT_IN - PLAYED:
            yield real


def test_members_that_device_code_uses(chip: Chip) -> None:
    used = {name for tree in device_code() for name in members_used(tree)}
    assert {"asyncio.core._io_queue.queue_read", "time.ticks_ms", "esp.flash_read"} <= used
    assert used >= NEVER_REACHED.keys()
    modules = {name.split(".")[0] for name in used}
    first = "".join(f"import {module}\n" for module in sorted(modules))
    shown = values(chip.launcher, used, first)
    assert {name for name in used if shown[name] == "AttributeError"} == set(NEVER_REACHED)
    called = {lint_device.called(node) for tree in device_code() for node in ast.walk(tree)}
    assert "exception" not in called


def own_names(tree: ast.Module) -> set[str]:
    """Names that the code itself defines: variables, parameters, functions, attributes."""
    own: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                own.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                own.add(name)
            case ast.ClassDef(name=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                own.add(name)
            case ast.alias(name=name, asname=other):
                own.add(other or name)
    return own


def builtins_used(tree: ast.Module) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return (names - own_names(tree)) & set(dir(builtins))


def test_builtins_that_device_code_uses(chip: Chip) -> None:
    used = {name for tree in device_code() for name in builtins_used(tree)}
    assert {"bytearray", "MemoryError", "max"} <= used
    shown = values(chip.launcher, used)
    assert {name for name in used if shown[name] == "NameError"} == set()


def test_methods_that_device_code_uses(chip: Chip) -> None:
    """By name: one of the built-in types of the chip has each, unless the code defines it."""
    trees = list(device_code())
    own = {name for tree in trees for name in own_names(tree)}
    known: dict[str, Any] = {"collections": collections, "hashlib": hashlib, "io": io, "re": re}
    exec(OBJECTS.format(u=""), known)  # the same objects, of Python's
    methods = {name for each in known["objects"] for name in dir(each) if name[:2] != "__"}
    used = {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    wanted = {f"any(hasattr(o, {name!r}) for o in objects)": "True" for name in used & methods}
    wanted = {each: "True" for each in wanted if not any(f"{name!r}" in each for name in own)}
    assert len(wanted) > 20
    assert values(chip.launcher, wanted, OBJECTS.format(u="u")) == wanted


# What it says of the language: on the chip, and beside it on unix.


def outcome(interpreter: Path, source: str) -> str:
    """What `source` prints, or the name of what it raises."""
    script = "try:\n    exec({!r}, {{}})\nexcept Exception as e:\n    print(type(e).__name__)\n"
    return " ".join(printed(interpreter, script.format(source)))


@pytest.mark.parametrize(
    ("source", "on_chip", "on_unix"),
    [
        ("print(pow(2, 3, 5))", "NotImplementedError", "3"),
        ("print(1j)", "SyntaxError", "1j"),
        ("print(__file__)", "NameError", "NameError"),  # -c is no file
        ("match 1:\n    case 1:\n        pass", "SyntaxError", "SyntaxError"),
        ("def f(a, /):\n    pass", "SyntaxError", "SyntaxError"),
        ("print(b'\\xff'.decode('utf-8', 'ignore'))", "UnicodeError", "UnicodeError"),
        ("def f():\n    if 0:\n        yield\nprint(f())", "None", "None"),
        (
            "class A:\n    def __setattr__(self, name, value):\n        print('hook')\n"
            "a = A()\na.b = 1\nprint(hasattr(a, 'b'))",
            "True",
            "hook False",
        ),
        (
            "class A:\n    def __delattr__(self, name):\n        print('hook')\n"
            "a = A()\na.b = 1\ndel a.b\nprint(hasattr(a, 'b'))",
            "False",
            "hook True",
        ),
    ],
)
def test_the_language(chip: Chip, source: str, on_chip: str, on_unix: str) -> None:
    assert outcome(chip.launcher, source) == on_chip
    assert outcome(UNIX, source) == on_unix


# What device code may rely on, since both have it alike.
ALIKE = {
    "'%d|%5d|%-5d|%05d|%x|%s|%r|%c' % (1, 2, 3, 4, 255, 'a', 'b', 65)": None,
    "b'%s|%d|%c' % (b'a', 1, 65)": None,
    "'{:>5}|{:<5}|{:03d}|{!r}|{a}'.format(1, 2, 3, 'x', a=4)": None,
    "f'{1 + 1}'": None,
    "int(' 2'), int('2 '), int('+2'), int('1_0'), int(b'2')": None,
    "int('')": "ValueError",
    "int('\\u0662')": "ValueError",  # isdigit() of MicroPython is ASCII's
    "re.match('a{2}', 'aa')": "None",  # no counted repetition
    "re.match('(?P<x>a)', 'a')": "ValueError",
    "re.match('(?:a|b)+?', 'ab').group(0)": "'a'",
    "hasattr(re.match('a', 'a'), 'span')": "False",
    "'abc'[::2]": "NotImplementedError",
    "hash('a') == hash('a')": "True",
}


def test_what_is_alike(chip: Chip) -> None:
    first = "import ure as re\n"
    on_chip, on_unix = (values(program, ALIKE, first) for program in (chip.launcher, UNIX))
    assert on_chip == on_unix
    assert {row: on_chip[row] for row, wanted in ALIKE.items() if wanted} == {
        row: wanted for row, wanted in ALIKE.items() if wanted
    }
