"""Instructions of one request, counted by callgrind as the difference of two lengths of run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench import load
from tools.bench.servers import BenchError, Run, Server, running

_WARM = 40  # requests of every run; what a first request makes is made then
_PATIENCE = 60.0  # seconds for a start under valgrind
_TOTAL = re.compile(r"Collected : (\d+)")


def available() -> bool:
    return shutil.which("valgrind") is not None


def callgrind(log: Path, out: Path) -> tuple[str, ...]:
    """The command before the interpreter's."""
    return (
        "valgrind",
        "--tool=callgrind",
        f"--callgrind-out-file={out}",
        f"--log-file={log}",
    )


def per_request(server: Server, requests: int) -> dict[str, int]:
    """Of curl, a browser, and two browsers in turn; {"curl": instructions, ...}."""
    base = _total(server, b"", 0)
    counts = {
        kind: (_total(server, request, requests) - base) // requests
        for kind, request in load.REQUESTS.items()
    }
    in_turn = _total(server, load.BROWSER, requests, load.OTHER_BROWSER)
    return counts | {"in turn": (in_turn - base) // requests}


def _total(server: Server, request: bytes, count: int, other: bytes = b"") -> int:
    with TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder, "log")
        run = Run(server, tool=callgrind(log, Path(folder, "out")))
        with running(run, _PATIENCE) as started:
            for _ in range(_WARM):
                started.alive(_PATIENCE)
            sample = load.one_by_one(started.port, request, count, other)
            if sample.failed:
                raise BenchError(f"{sample.failed} of {count} requests failed under valgrind")
        return read_total(log)


def read_total(log: Path) -> int:
    found = _TOTAL.search(log.read_text())
    if not found:
        raise BenchError("valgrind has counted nothing")
    return int(found.group(1))
