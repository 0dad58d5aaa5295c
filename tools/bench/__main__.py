"""`make bench`: Picopin beside its peers, all on one MicroPython, in one run that stops by itself.

The chip's own processor has a table of its own, of instructions and heap, on the virtual board. All
other figures are this PC's: plain sockets of the unix port on 127.0.0.1, with small stand-ins for
machine, network and esp, so that the virtual board's relay is not in the way; Picopin is the whole
firmware, policy and counters on. What takes heap here and not on the chip (stand-ins, the ROMFS
image) is subtracted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import device_packages
from tools.bench import chip, heap, instructions, load, plot, report, servers, speed
from tools.bench.chip import OnChip
from tools.bench.profile import garbage, profile
from tools.bench.report import HEAPS, Results
from tools.bench.servers import BY_NAME, SERVERS, BenchError, Server
from tools.build import BuildError

_BUSY = 2  # measurements at once where time is not what is measured
_QUICK_HEAPS = {"ROMFS 5 browsers": HEAPS["ROMFS 5 browsers"]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.bench", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="under a minute: shorter, fewer heaps")
    add("--profile", action="store_true", help="only where Picopin's instructions go")
    add("--heap", action="store_true", help="only Picopin's least heaps")
    plot_path = servers.FOLDER / "bench.svg"
    add("--svg", type=Path, default=plot_path, metavar="FILE", help="where the plot goes")
    add("--json", type=Path, metavar="FILE", help="write the figures here")
    add("--root", type=Path, default=device_packages.ROOT, help="the checkout that is measured")
    return parser.parse_args()


def _fetch() -> None:
    urls = device_packages.pip_index_urls()
    device_packages.fetch_all(servers.FOLDER / "packages", servers.PEERS, urls)


def _tell(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _try(results: Results, server: Server, measure: Callable[[], None]) -> None:
    """A peer that cannot be measured is a line below the tables."""
    try:
        measure()
    except (BenchError, OSError) as error:
        results.notes[server.name] = str(error)


def _measure_heap(results: Results, server: Server, heaps: dict[str, tuple[bool, int]]) -> None:
    row = results.heap.setdefault(server.name, {})

    def measure() -> None:
        for name, (rom, at_once) in heaps.items():
            row[name] = heap.least_heap(server, rom, at_once)

    _try(results, server, measure)


def _measure_cost(results: Results, server: Server, requests: int) -> None:
    def measure() -> None:
        results.writes[server.name] = speed.writes(server)
        if instructions.available() and not server.polls:
            results.instructions[server.name] = instructions.per_request(server, requests)

    _try(results, server, measure)


def _measure_chip(results: Results, server: Server, requests: int, heaps: dict[str, int]) -> None:
    """heaps: of chip.HEAPS. No requests: only these."""
    row = results.chip.setdefault(server.name, OnChip())

    if requests and not chip.unavailable():
        try:
            row.costs = chip.costs(server, requests)
        except BenchError as error:
            row.fails = str(error)
    for name, browsers in heaps.items():
        row.heap[name] = chip.least_heap(server, browsers)


def _measure_profile(results: Results) -> None:
    for kind, request in load.REQUESTS.items():
        results.profiles[kind] = profile(request)
        results.garbage[kind] = garbage(request)


def _measure_all_on_chip(
    results: Results, chosen: Iterable[Server], requests: int, heaps: dict[str, int] = chip.HEAPS
) -> None:
    if reason := chip.unavailable(counting=False):
        results.notes["the chip's own processor"] = reason
        return
    _tell("instructions and heap on the chip's own processor")
    with ThreadPoolExecutor(_BUSY) as pool:
        for server in chosen:
            pool.submit(_measure_chip, results, server, requests, heaps)


def _run(options: argparse.Namespace) -> Results:
    results = Results()
    if options.profile:
        _measure_profile(results)
        return results
    if options.heap:
        _measure_heap(results, BY_NAME["picopin"], HEAPS)
        _measure_all_on_chip(results, [BY_NAME["picopin"]], 0)
        return results
    rounds, count, requests = (3, 60, 100) if options.quick else (9, 150, 900)
    _tell("speed")
    results.speeds = speed.measure(SERVERS, rounds, count)
    heaps = _QUICK_HEAPS if options.quick else HEAPS
    _tell("heap, writes and instructions")
    with ThreadPoolExecutor(_BUSY) as pool:
        for server in SERVERS:
            pool.submit(_measure_cost, results, server, requests)
            pool.submit(_measure_heap, results, server, heaps)
    on_chip = (60, {}) if options.quick else (300, chip.HEAPS)
    _measure_all_on_chip(results, SERVERS, *on_chip)
    if instructions.available() and not options.quick:
        _tell("profile")
        _try(results, BY_NAME["picopin"], lambda: _measure_profile(results))
    return results


def main() -> int:
    options = _arguments()
    try:
        _fetch()
        servers.prepare(options.root)
        results = _run(options)
    except (BenchError, BuildError, device_packages.FetchError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"{servers.version()}\n\n{report.tables(results)}")
    if results.speeds.samples:
        options.svg.write_text(plot.draw(results))
        _tell(f"plot: {options.svg}")
    if options.json:
        options.json.write_text(json.dumps(report.as_json(results), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
