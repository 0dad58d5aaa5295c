"""Where the firmware's instructions go: each of its functions by itself, for one request."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.instructions import callgrind
from tools.bench.servers import BY_NAME, BenchError, Run
from tools.device_packages import ROOT

_MARKER = "time_ticks_cpu"  # the C function that vm/profiled.py calls at each mark
_TOTALS = re.compile(r"(?m)^totals: (\d+)$")
_DEFINED = re.compile(r"(?m)^(?:class|async def|def) (\w+)")
_HEAP = 2 * 1024 * 1024  # nothing is collected while it runs


@dataclass
class Cost:
    """Of one function: calls and instructions of its own, its callees' not among them."""

    calls: int = 0
    own: int = 0


@dataclass
class _Frame:
    name: str
    own: int = 0
    calls: int = 0


@dataclass
class Profile:
    """A request's costs by function, "web.Server._handle" and so on."""

    functions: dict[str, Cost] = field(default_factory=lambda: defaultdict(Cost))

    @property
    def total(self) -> int:
        return sum(cost.own for cost in self.functions.values())


def profile(request: bytes) -> Profile:
    """The last request of a run, corrected for what the marks cost."""
    with TemporaryDirectory(prefix="bench-") as folder:
        out = Path(folder, "out")
        tool = (*callgrind(Path(folder, "log"), out), f"--dump-before={_MARKER}")
        run = Run(BY_NAME["picopin"], _HEAP, mode="profile", tool=tool, request=request)
        printed = run.output(300).splitlines()
        marks = [line for line in printed if re.fullmatch(r"[+-][\w.]+", line)]
        if "-wrapped" not in marks:
            raise BenchError("the profiled firmware failed: " + " ".join(printed[-3:]))
        counts = [_total(out.with_name(f"out.{at}")) for at in range(1, len(marks) + 1)]
    costs = account(marks, counts).functions
    homes = _homes()
    return Profile({_at_home(name, homes): cost for name, cost in costs.items()})


def _homes() -> dict[str, list[str]]:
    """The modules that define each class and function of the firmware, the resident ones first."""
    homes = defaultdict[str, list[str]](list)
    package = ROOT / "lib" / "picopin"
    for path in [*sorted(package.glob("*.py")), *sorted(package.glob("cold/*.py"))]:
        for name in _DEFINED.findall(path.read_text()):
            homes[name].append(path.stem)
    return homes


def _at_home(name: str, homes: dict[str, list[str]]) -> str:
    """The VM names a function by the first module that it found it in, were it imported there."""
    module, *rest = name.split(".")
    found = homes.get(rest[0], []) if rest else []
    return name if module in found or not found else ".".join([found[0], *rest])


def _total(dump: Path) -> int:
    found = _TOTALS.findall(dump.read_text())
    return int(found[-1])


def account(marks: list[str], counts: list[int]) -> Profile:
    """counts[n] was counted between marks[n - 1] and marks[n]."""
    cost_of_mark = counts[marks.index("-marks")]
    call = counts[marks.index("-call")] - cost_of_mark
    at = marks.index("+wrapped")
    around = counts[at + 1] + counts[at + 3] - cost_of_mark
    inside = counts[at + 2]
    result = Profile()
    stack: list[_Frame] = []
    first = max(n for n, mark in enumerate(marks) if mark == "+request")
    for mark, count in zip(marks[first:], counts[first:], strict=True):
        if stack:
            stack[-1].own += count
        if mark.startswith("+"):
            if stack:
                stack[-1].calls += 1
            stack.append(_Frame(mark[1:]))
            continue
        frame = stack.pop()
        cost = result.functions[frame.name]
        cost.calls += 1
        base = inside - call if stack else cost_of_mark
        cost.own += frame.own - base - frame.calls * around
        if not stack:
            break
    return result


def garbage(request: bytes) -> int:
    """Bytes that a request leaves for the collector, on this 64-bit interpreter."""
    run = Run(BY_NAME["picopin"], _HEAP, mode="garbage", request=request)
    printed = run.output(30).split()
    if not printed or not printed[-1].isdigit():
        raise BenchError("the firmware failed: " + " ".join(printed[-20:]))
    return int(printed[-1])
