"""Checks of device code that no other tool knows: what the chip lacks, who may import what.

MicroPython's unix port, which the tests run on, has names that the ESP8266's has not: code that
uses one passes every test and fails on the board. Each finding is a line:
file:line: what, and what to use instead.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The rooms of the project, one concern each, and who lives there. A name with `cold.` is loaded
# by cold("name") for its one use. A new module gets its place here.
ROOMS = {
    "base": {
        *("log", "retained"),
        *("cold.chip", "cold.journal", "cold.remembered", "cold.saved", "cold.settings"),
        *("cold.store", "cold.utf8"),
    },
    "query": {"query", "cold.query"},
    "http": {
        *("headers", "request", "web", "wire"),
        *("cold.failure", "cold.framing", "cold.head", "cold.listen", "cold.overlong"),
        *("cold.pieces", "cold.programs", "cold.routing", "cold.spare", "cold.stream"),
    },
    "pins": {
        *("gpio", "inputs", "last", "pwm"),
        *("cold.analog", "cold.explain", "cold.limits", "cold.pinmap"),
    },
    "check": {"cold.check"},
    "radio and watchdog": {
        *("dns", "net"),
        *(
            "cold.bringup",
            "cold.dns",
            "cold.early",
            "cold.gateway",
            "cold.link",
            "cold.portal",
        ),
        *("cold.safety", "cold.scan", "cold.station"),
    },
    "who may": {"cold.guard", "cold.hosts", "cold.source"},
    "answers": {
        *("api", "cold.act", "cold.answers", "cold.assets", "cold.body", "cold.form", "cold.join"),
        *("cold.listing", "cold.page", "cold.routes", "cold.snapshot", "cold.template"),
        *("cold.values", "cold.views", "cold.wifi"),
    },
    "start": {"boot", "config", "main", "cold.names", "cold.serving"},
}
# What lib/picopin/__init__.py has, and the folder of templates: nobody's room.
OF_THE_PACKAGE = {"VERSION", "Refusal", "cold", "forget", "templates"}
# The arrows: into which other rooms each may reach. There is one direction of flow, so each
# reaches only into rooms that stand above it here.
ARROWS: dict[str, set[str]] = {
    "base": set(),
    "query": {"base"},
    "http": {"base"},
    "pins": {"base"},
    "check": {"base"},
    "radio and watchdog": {"base", "http", "pins", "check"},
    "who may": {"base", "http", "radio and watchdog"},
    "answers": {"base", "query", "http", "pins", "radio and watchdog", "who may"},
    "start": {"base", "http", "pins", "radio and watchdog", "check", "answers"},
}
# What touches hardware or third-party code, and the only rooms that may.
KEEPERS = {
    "machine.ADC": {"pins"},
    "machine.PWM": {"pins"},
    "machine.Pin": {"pins", "radio and watchdog"},
    "machine.RTC": {"base"},
    "machine.Signal": {"pins"},
    "network": {"radio and watchdog"},
    "picoweb": {"http"},
    "ulogging": {"base"},
    "utemplate": {"answers"},
}

# Modules that a 2 MiB build of the ESP8266 port has: MP_REGISTER_MODULE in py/, extmod/ and
# ports/esp8266/, and what ports/esp8266/boards/ESP8266_GENERIC/manifest_2MiB.py freezes.
# Those that a file of the same name may stand in for (MP_REGISTER_EXTENSIBLE_MODULE): each import
# of one looks for such a file first, unless it is by its other name, with a u (py/objmodule.c).
EXTENSIBLE = {
    *("array", "binascii", "collections", "cryptolib", "errno", "hashlib", "heapq", "io", "json"),
    *("machine", "os", "platform", "random", "re", "select", "socket", "struct", "time"),
    "websocket",
}
BOTH_NAMES = EXTENSIBLE | {"asyncio", "sys"}
BUILT_IN = BOTH_NAMES | {f"u{name}" for name in BOTH_NAMES}
BUILT_IN |= {
    *("__main__", "builtins", "deflate", "dht", "esp", "flashbdev", "framebuf", "gc", "lwip"),
    *("math", "micropython", "neopixel", "network", "ntptime", "onewire", "tls", "uctypes", "vfs"),
}
PACKAGES = {"pkg_resources", "picoweb", "ulogging", "utemplate"}

# ports/esp8266/mpconfigport.h turns these off. Methods are told by name alone.
ABSENT_METHODS = {
    "__delattr__": "delattr()",
    "__setattr__": "setattr()",
    "center": "pad with str.format",
    "fileno": "sockets of the chip have none",
    "getpeername": "keep the address that accept() gave",
    "indices": "compute start and stop from the slice yourself",
    "partition": "split(sep, 1) or find()",
    "rpartition": "rsplit(sep, 1) or rfind()",
    "shutdown": "close()",
    "splitlines": 'split("\\n")',
}
ABSENT_NAMES = {
    "NotImplemented": "return False or raise TypeError",
    "__file__": "name the path",
    "compile": "import a module",
    "complex": "two floats",
    "execfile": "import a module",
}
ABSENT_ATTRIBUTES = {
    "binascii": {"crc32": "a checksum of your own"},
    "hashlib": {"md5": "sha256"},
    "micropython": dict.fromkeys(("mem_current", "mem_peak", "mem_total"), "gc.mem_free()"),
    "os": {
        **dict.fromkeys(("VfsFat", "VfsLfs1", "VfsPosix"), "VfsLfs2"),
        **dict.fromkeys(("getenv", "putenv", "unsetenv"), "a setting in config.py"),
        "errno": "OSError.errno",
        "system": "there is no shell",
    },
    "math": dict.fromkeys(
        (
            *("acosh", "asinh", "atanh", "cosh", "erf", "erfc", "expm1", "factorial", "gamma"),
            *("inf", "isclose", "lgamma", "log10", "log2", "nan", "sinh", "tanh", "tau"),
        ),
        "compute it from what there is",
    ),
    "random": dict.fromkeys(
        ("choice", "randint", "random", "randrange", "uniform"), "getrandbits()"
    ),
    "socket": {"SO_KEEPALIVE": "a deadline of your own"},
    "sys": {
        "atexit": "try and finally",
        "exc_info": "except ... as e",
        "executable": "sys.implementation",
        **dict.fromkeys(("ps1", "ps2"), "the prompt is fixed"),
    },
    "time": {"clock": "ticks_us()"},
    "vfs": dict.fromkeys(("VfsFat", "VfsLfs1", "VfsPosix"), "VfsLfs2"),
}
TICKS = {"ticks_add", "ticks_cpu", "ticks_ms", "ticks_us"}

# Lines. The chip compiles the first three at every boot, from a heap of 38 KiB.
MAX_LINES = {"boot.py": 100, "main.py": 150, "config.py": 200}
MAX_MODULE = 300
MAX_FUNCTION = 40

Finding = tuple[int, str]


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported: `from a import b` is "a.b"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def real_name(name: str) -> str:
    """The name that both spellings of a built-in module stand for: utime is time."""
    head, dot, rest = name.partition(".")
    if head.startswith("u") and head[1:] in BOTH_NAMES:
        head = head[1:]
    return head + dot + rest


def module_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of everything taken from a module, imported or by attribute: "machine.Pin"."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            bound.update({a.asname or a.name.split(".")[0]: a.name for a in node.names})
    for line, name in imports(tree):
        yield line, real_name(name)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in bound
        ):
            yield node.lineno, f"{real_name(bound[node.value.id])}.{node.attr}"


def check_modules(tree: ast.Module) -> Iterator[Finding]:
    """Imports of what is not on the board."""
    ours = {"boot", "config", "main", "picopin"}
    for line, imported in imports(tree):
        head = imported.split(".")[0]
        if not head:
            yield line, "relative import; write from picopin import ..."
        elif head not in BUILT_IN | PACKAGES | ours:
            there = ", ".join(sorted(f"u{name}" for name in BOTH_NAMES))
            yield line, f"{head} is not on the board; it has {there}"


def check_searches(tree: ast.Module) -> Iterator[Finding]:
    """Imports that search the file system for what is built in, through a block device in Python:
    53 reads of blocks and 1.5 kB of the chip's stack each time, measured."""
    for line, imported in imports(tree):
        head = imported.split(".")[0]
        if head in EXTENSIBLE:
            yield line, f"import {head} searches the files first; import u{head}"


def our_imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each module of ours that is imported or used cold.

    What the package itself has, such as VERSION, is no module.
    """
    for line, imported in imports(tree):
        head, *rest = imported.split(".")
        if head == "picopin" and rest and rest[0] not in OF_THE_PACKAGE:
            yield line, rest[0]
        elif head in {"boot", "config", "main"}:
            yield line, head
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="cold"),
                args=[ast.Constant(value=str(name))],
            ):
                yield node.lineno, f"cold.{name}"


def room_of(name: str) -> str | None:
    return next((room for room, modules in ROOMS.items() if name in modules), None)


def check_arrows(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Imports against the arrows."""
    room = room_of(name)
    if room is None:
        yield 1, f"{name} has no room; give it one in tools/lint_device.py"
        return
    for line, imported in our_imports(tree):
        other = room_of(imported)
        if other is None:
            yield line, f"{imported} has no room; give it one in tools/lint_device.py"
        elif other != room and other not in ARROWS[room]:
            yield line, f"{name} ({room}) may not reach into {imported} ({other})"


def check_keepers(name: str, tree: ast.Module) -> Iterator[Finding]:
    """Uses of what belongs to other rooms alone."""
    for line, used in module_uses(tree):
        for kept, keepers in KEEPERS.items():
            if room_of(name) not in keepers and f"{used}.".startswith(f"{kept}."):
                yield line, f"{kept} belongs to {' and '.join(sorted(keepers))}; call them instead"


def check_names(tree: ast.Module) -> Iterator[Finding]:
    """Built-in names and methods that the chip's port leaves out."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr) if attr in ABSENT_METHODS:
                yield node.lineno, f"no .{attr} on the chip; {ABSENT_METHODS[attr]}"
            case ast.Name(id=used, ctx=ast.Load()) if used in ABSENT_NAMES:
                yield node.lineno, f"no {used} on the chip; {ABSENT_NAMES[used]}"
            case ast.Call(func=ast.Name(id="pow"), args=[_, _, _]):
                yield node.lineno, "no pow() of three arguments on the chip; x ** y % z"
            case ast.Constant(value=complex()):
                yield node.lineno, "no complex numbers on the chip; two floats"
            case ast.FunctionDef(name="__setattr__" | "__delattr__" as method):
                yield node.lineno, f"{method} is never called on the chip; use methods"


def check_attributes(tree: ast.Module) -> Iterator[Finding]:
    """Members of modules that the chip's port leaves out."""
    for line, used in module_uses(tree):
        module, _, member = used.partition(".")
        if instead := ABSENT_ATTRIBUTES.get(module, {}).get(member):
            yield line, f"no {used} on the chip; {instead}"


def check_language(tree: ast.Module) -> Iterator[Finding]:
    """What CPython runs and MicroPython refuses, or takes to mean something else."""
    for node in ast.walk(tree):
        match node:
            case ast.Match():
                yield node.lineno, "no match statement in MicroPython; if and elif"
            case ast.arguments(posonlyargs=[first, *_]):
                yield first.lineno, "no positional-only parameters in MicroPython; leave out the /"
            case ast.Call(func=ast.Attribute(attr="decode"), args=[_, _, *_]):
                yield node.lineno, "decode() may raise whatever its second argument says; catch it"
            case ast.If(test=ast.Constant(value=0), body=body) if any(map(has_yield, body)):
                yield (
                    node.lineno,
                    "MicroPython drops `if 0: yield`, so this is no generator; async def",
                )


def has_yield(node: ast.AST) -> bool:
    return any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(node))


def called(node: ast.AST | None) -> str | None:
    """The name of the function that `node` calls, if it is a call."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return None


def spelling(node: ast.AST) -> str | None:
    """A variable or an attribute as it is written: "now", "self.since"."""
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else None


def tick_variables(tree: ast.AST) -> set[str]:
    """What is given a count of ticks and, but for a constant to begin with, nothing else."""
    ticks, others = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
            names = {name for target in node.targets if (name := spelling(target))}
            (ticks if called(node.value) in TICKS else others).update(names)
    return ticks - others


def check_ticks(tree: ast.Module) -> Iterator[Finding]:
    """Plain arithmetic on ticks, which wrap after 2**30 ms (extmod/modtime.c)."""
    functions = [
        n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    attributes = {name for name in tick_variables(tree) if "." in name}
    for function in functions:
        ticks = attributes | tick_variables(function)
        for node in ast.walk(function):
            yield from tick_finding(node, ticks)


def tick_finding(node: ast.AST, ticks: set[str]) -> Iterator[Finding]:
    def is_tick(operand: ast.AST) -> bool:
        return called(operand) in TICKS or spelling(operand) in ticks

    match node:
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if is_tick(left) or is_tick(right):
            yield node.lineno, "ticks wrap; ticks_diff(later, earlier) instead of -"
        case ast.BinOp(left=left, op=ast.Add(), right=right) if is_tick(left) or is_tick(right):
            yield node.lineno, "ticks wrap; ticks_add(ticks, delta) instead of +"
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            if is_tick(left) or is_tick(node.comparators[0]):
                yield node.lineno, "ticks wrap; compare ticks_diff(a, b) with 0"


def check_length(tree: ast.Module) -> Iterator[Finding]:
    """Functions that do more than one thing."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield node.lineno, f"{node.name} has {lines} lines of {MAX_FUNCTION}; divide it"


RULES = (
    check_modules,
    check_names,
    check_attributes,
    check_language,
    check_ticks,
    check_length,
)


def module_name(path: Path) -> str:
    """`cold.views` for lib/picopin/cold/views.py; empty for the package itself."""
    if path.parent.name == "cold":
        return f"cold.{path.stem}"
    return "" if path.stem == "__init__" else path.stem


def check(path: Path, source: str) -> list[Finding]:
    """All findings of one file, by line, each once."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return [(error.lineno or 1, f"syntax error: {error.msg}")]
    findings = {finding for rule in RULES for finding in rule(tree)}
    if path.name != "config.py":  # the owner's, who need not know
        findings.update(check_searches(tree))
    name = module_name(path)
    if name:
        findings.update(check_arrows(name, tree), check_keepers(name, tree))
    lines, limit = len(source.splitlines()), MAX_LINES.get(path.name, MAX_MODULE)
    if lines > limit:
        findings.add((limit, f"{lines} lines, more than {limit}; one concern a file"))
    return sorted(findings)


def device_files(root: Path) -> list[Path]:
    """Those that the board compiles itself, and those that are compiled for it."""
    return sorted([*root.glob("*.py"), *root.glob("lib/**/*.py")])


def main(arguments: list[str] | None = None) -> int:
    root = Path(arguments[0]) if arguments else ROOT
    count = 0
    for path in device_files(root):
        for line, text in check(path, path.read_text(encoding="utf-8")):
            print(f"{path.relative_to(root)}:{line}: {text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
