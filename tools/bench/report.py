"""What was measured, as the table that is printed and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.bench import chip
from tools.bench.chip import OnChip
from tools.bench.profile import Profile
from tools.bench.servers import SERVERS, Server
from tools.bench.speed import AT_ONCE, Load, Speeds
from tools.heap import gate

REFERENCE = "picoweb"
FLOOR = "bare"
_BROWSER: Load = ("browser", 1)
_SHOWN = 0.01  # share of a request below which a function is left out of the profile

HEAPS = {  # 64-bit words; name: (from ROMFS, browsers at once)
    "ROMFS starts": (True, 0),
    "ROMFS 5 browsers": (True, 5),
    ".mpy starts": (False, 0),
    ".mpy 5 browsers": (False, 5),
}


@dataclass
class Results:
    """All of a run, by the servers' names. heap: bytes by name of HEAPS; None where the most was
    not enough. chip: on the chip's own processor, the rest on this PC's."""

    speeds: Speeds = field(default_factory=Speeds)
    heap: dict[str, dict[str, int | None]] = field(default_factory=dict)
    writes: dict[str, float] = field(default_factory=dict)
    instructions: dict[str, dict[str, int]] = field(default_factory=dict)
    chip: dict[str, OnChip] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    garbage: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What the whole firmware is to reach on a browser's request; `at_most` for costs."""

    name: str
    value: float | None
    wanted: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        if self.value is None:
            return False
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted


def targets(results: Results) -> list[Target]:
    speeds, heap = results.speeds, results.chip.get("picopin", OnChip()).heap
    counts = [results.instructions.get(name, {}).get("browser") for name in ("picopin", FLOOR)]
    cost = counts[0] / counts[1] if counts[0] and counts[1] else None
    return [
        Target("requests/s: x picoweb", speeds.ratio("picopin", "picoweb", _BROWSER), 3.5),
        Target("requests/s: x microdot", speeds.ratio("picopin", "microdot", _BROWSER), 4.0),
        Target("requests/s: of the floor", speeds.ratio("picopin", FLOOR, _BROWSER), 0.8),
        Target("instructions: of the floor's", cost, 1.6, at_most=True),
        Target("heap on the chip, five browsers", heap.get("five browsers"), gate.ROMFS.gate, True),
    ]


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    return "-" if value is None else f"{value:.{digits}f}{unit}"


def tables(results: Results) -> str:
    parts = [_speed_table(results.speeds)] if results.speeds.samples else []
    if results.heap:
        parts.append(_heap_table(results))
    if results.writes or results.instructions:
        parts.append(_cost_table(results))
    if results.chip:
        parts.append(_chip_table(results))
    if results.speeds.samples:
        parts.append(_target_table(results))
    parts += [_profile_table(kind, results) for kind in results.profiles]
    notes = {**results.speeds.errors, **results.notes}
    parts += [f"{name}: {note}" for name, note in notes.items()]
    return "\n\n".join(parts)


def _grid(rows: list[list[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _speed_table(speeds: Speeds) -> str:
    rows = [
        ["requests/s as a multiple of picoweb's", "curl", "browser"]
        + [f"curl x{AT_ONCE}", f"browser x{AT_ONCE}", "of the floor", "p50 ms", "p99 ms"]
        + ["requests/s", "failed"]
    ]
    for server in SERVERS:
        if server.name in speeds.samples:
            rows.append(_speed_row(speeds, server))
    return _grid(rows) + "\n(of the floor, p50, p99, requests/s: a browser's request, sequential)"


def _speed_row(speeds: Speeds, server: Server) -> list[str]:
    name = server.name
    loads: list[Load] = [(kind, n) for n in (1, AT_ONCE) for kind in ("curl", "browser")]
    return [
        server.label,
        *(number(speeds.ratio(name, REFERENCE, of)) for of in loads),
        number(speeds.ratio(name, FLOOR, _BROWSER)),
        number(speeds.percentile(name, _BROWSER, 50)),
        number(speeds.percentile(name, _BROWSER, 99)),
        number(speeds.rate(name, _BROWSER), 0),
        str(speeds.failed(name)),
    ]


def _heap_table(results: Results) -> str:
    names = [name for name in HEAPS if any(name in row for row in results.heap.values())]
    rows = [["least heap, 64-bit (58,368 are the chip's 38,912)", *names]]
    for server in SERVERS:
        if server.name in results.heap:
            row = results.heap[server.name]
            rows.append([server.label, *(_heap_cell(row, name) for name in names)])
    return _grid(rows)


def _heap_cell(row: dict[str, int | None], name: str, none: str = "does not run") -> str:
    if name not in row:
        return "-"
    size = row[name]
    return none if size is None else f"{size:,}"


def _cost_table(results: Results) -> str:
    kinds = ("curl", "browser", "in turn")
    title = ["one request", "writes", "instructions: curl", "a browser again", "of the floor's"]
    rows = [[*title, "two browsers in turn"]]
    floor = results.instructions.get(FLOOR, {}).get("browser")
    for server in SERVERS:
        counts = results.instructions.get(server.name, {})
        curl, browser, in_turn = (counts.get(kind) for kind in kinds)
        rows.append(
            [
                server.label,
                number(results.writes.get(server.name), 0),
                f"{curl:,}" if curl else "-",
                f"{browser:,}" if browser else "-",
                number(browser / floor) if browser and floor else "-",
                f"{in_turn:,}" if in_turn else "-",
            ]
        )
    return _grid(rows)


def _chip_table(results: Results) -> str:
    title = ["on the chip's own processor, ROMFS", "instructions: curl", "a browser again"]
    title += ["of the floor's", "two in turn", "accept to close", "least heap: starts"]
    rows = [[*title, "five browsers"]]
    floor = results.chip.get(FLOOR, OnChip()).costs.get("browser")
    for server in SERVERS:
        if server.name in results.chip:
            rows.append(_chip_row(server, results.chip[server.name], floor.whole if floor else 0))
    fails = [f"\n{name}: {each.fails}" for name, each in results.chip.items() if each.fails]
    return _grid(rows) + "\n(accept to close: a browser's request, the median)" + "".join(fails)


def _chip_row(server: Server, measured: OnChip, floor: int) -> list[str]:
    """What never sleeps has no share of all instructions: it takes all there are."""
    wholes = {} if server.polls else {kind: cost.whole for kind, cost in measured.costs.items()}
    curl, browser, in_turn = (wholes.get(kind) for kind in chip.REQUESTS)
    again = measured.costs.get("browser")
    return [
        server.label,
        f"{curl:,}" if curl else "does not fit" if measured.fails else "-",
        f"{browser:,}" if browser else "-",
        number(browser / floor) if browser and floor else "-",
        f"{in_turn:,}" if in_turn else "-",
        f"{again.median:,}" if again else "-",
        *(_heap_cell(measured.heap, name, "in none") for name in chip.HEAPS),
    ]


def _target_table(results: Results) -> str:
    rows = [["Picopin, a browser's request", "measured", "wanted", ""]]
    for target in targets(results):
        digits = 0 if target.wanted > 1000 else 2
        wanted = ("at most " if target.at_most else "at least ") + number(target.wanted, digits)
        met = "met" if target.met else "missed" if target.value else "not measured"
        rows.append([target.name, number(target.value, digits), wanted, met])
    return _grid(rows)


def _profile_table(kind: str, results: Results) -> str:
    profile = results.profiles[kind]
    rows = [[f"Picopin's functions, a {kind}'s request", "calls", "own", "share"]]
    total = profile.total
    for name, cost in sorted(profile.functions.items(), key=lambda item: -item[1].own):
        if cost.own >= total * _SHOWN:
            share = f"{100 * cost.own / total:.0f} %"
            rows.append([name, str(cost.calls), f"{cost.own:,}", share])
    rows.append(["all, without asyncio and sockets", "", f"{total:,}", "100 %"])
    garbage = results.garbage.get(kind)
    return _grid(rows) + (f"\nleaves {garbage:,} bytes of garbage" if garbage else "")


def as_json(results: Results) -> dict[str, object]:
    """The figures by server, for docs and comparisons."""
    speeds = results.speeds
    return {
        server.name: {
            "requests_per_second": {
                f"{kind} x{n}": round(rate)
                for kind, n in speeds.samples.get(server.name, {})
                if (rate := speeds.rate(server.name, (kind, n)))
            },
            "heap": results.heap.get(server.name),
            "writes": results.writes.get(server.name),
            "instructions": results.instructions.get(server.name),
            "on the chip": _chip_json(results.chip.get(server.name, OnChip())),
        }
        for server in SERVERS
    }


def _chip_json(measured: OnChip) -> dict[str, object]:
    return {
        "instructions": {kind: cost.whole for kind, cost in measured.costs.items()},
        "accept to close": {kind: cost.median for kind, cost in measured.costs.items()},
        "heap": measured.heap,
    }
