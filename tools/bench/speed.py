"""Requests a second and latencies, the servers in turns: the machine's moods hit all alike."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tools.bench import load
from tools.bench.load import Sample
from tools.bench.servers import BenchError, Run, Running, Server, running

AT_ONCE = 4
LOADS = [(kind, clients) for clients in (1, AT_ONCE) for kind in load.REQUESTS]
_WARM = 30  # requests before the first round

Load = tuple[str, int]  # the kind of request, clients at once


@dataclass
class Speeds:
    """Each server's samples by load, one a round."""

    samples: dict[str, dict[Load, list[Sample]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    errors: dict[str, str] = field(default_factory=dict)

    def ratio(self, name: str, other: str, of: Load) -> float | None:
        """Median over the rounds of this server's rate to the other's."""
        pairs = zip(self.samples[name][of], self.samples[other][of], strict=False)
        ratios = [one.rate / two.rate for one, two in pairs if two.rate]
        return statistics.median(ratios) if ratios else None

    def rate(self, name: str, of: Load) -> float | None:
        rates = [sample.rate for sample in self.samples[name][of]]
        return statistics.median(rates) if rates else None

    def percentile(self, name: str, of: Load, percent: int) -> float | None:
        """Milliseconds."""
        all_of_it = sorted(t for sample in self.samples[name][of] for t in sample.latencies)
        if not all_of_it:
            return None
        return 1000 * all_of_it[min(len(all_of_it) - 1, len(all_of_it) * percent // 100)]

    def failed(self, name: str) -> int:
        return sum(s.failed for samples in self.samples[name].values() for s in samples)


def measure(servers: Iterable[Server], rounds: int, count: int) -> Speeds:
    """`count` requests of each load in each round."""
    speeds = Speeds()
    with ExitStack() as stack:
        started: dict[str, Running] = {}
        for server in servers:
            try:
                started[server.name] = stack.enter_context(running(Run(server)))
            except BenchError as error:
                speeds.errors[server.name] = str(error)
                continue
            load.one_by_one(started[server.name].port, load.BROWSER, _WARM)
            started[server.name].pause()
        for _ in range(rounds):
            for name, server in started.items():
                server.resume()
                for kind, clients in LOADS:
                    sample = _sample(server.port, load.REQUESTS[kind], clients, count)
                    speeds.samples[name][kind, clients].append(sample)
                server.pause()
    return speeds


def _sample(port: int, request: bytes, clients: int, count: int) -> Sample:
    if clients == 1:
        return load.one_by_one(port, request, count)
    return load.Crowd(port, request, clients).run(count)


def writes(server: Server) -> float:
    """Calls of write() for one answer: a stand-in for the socket counts and prints them."""
    count = 10
    with running(Run(server, mode="count")) as started:
        for _ in range(count):
            load.ask(started.port, load.BROWSER)
        started.wait_lines("writes ", count)
        found = [int(line.split()[1]) for line in started.lines if line.startswith("writes ")]
    return statistics.mean(found)
