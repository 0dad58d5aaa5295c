"""What the firmware's start and its requests cost on the chip's own processor: the table of
`python -m tools.chip count`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tools.bench import load
from tools.chip import profile
from tools.chip.count import Cost, Counted

_STARTS = 3
_TOP = 25  # functions of a profile
SWITCH = "a browser's switch, again"


@dataclass(frozen=True)
class Row:
    """Requests that come in turn, and how many of them are counted."""

    name: str
    requests: tuple[bytes, ...]
    count: int


def browser(path: str) -> bytes:
    """A browser's GET."""
    return load.BROWSER.replace(load.PATH, path.encode())


# What is loaded when it is asked for takes much the same each time: few are enough.
PATHS = ("/pins/D1", "/pins", "/status", "/log", "/wifi", "/", "/openapi.json")
ROWS = (
    Row(SWITCH, (load.BROWSER,), 200),
    Row("two browsers in turn", (load.BROWSER, load.OTHER_BROWSER), 200),
    *(Row(f"GET {path}", (browser(path),), 20) for path in PATHS),
)


def show() -> None:
    """Print the table of the built images."""
    heads = ("instructions", "least", "median", "of it garbage", "with all")
    print(f"{heads[0]:<28}" + "".join(f"{head:>15}" for head in heads[1:]), flush=True)
    print(f"{'start to the first idle':<28}{'':>15}{median_start():>15,}", flush=True)
    with Counted() as board:
        for row in ROWS:
            print(_line(row.name, board.measure(row.requests, row.count)), flush=True)
    print(
        "(of each request from accept() to the close; with all: its share of everything, the\n"
        "loop's wake-ups and collections included; garbage: of all requests of the row)"
    )


def median_start() -> int:
    """Of some starts: it depends a little on when the Wi-Fi is up."""
    counts = []
    for _ in range(_STARTS):
        with Counted() as board:
            counts.append(board.start())
    return sorted(counts)[_STARTS // 2]


def _line(name: str, cost: Cost) -> str:
    garbage = f"{cost.collecting:.0%}"
    return f"{name:<28}{cost.least:>15,}{cost.median:>15,}{garbage:>15}{cost.whole:>15,}"


def show_profile(path: str) -> None:
    """Print where a browser's GET of `path` spends its instructions, by function in C."""
    with Counted() as board:
        cost = board.measure([browser(path)], 20)
    each = Counter({name: total // 20 for name, total in cost.profile.items()})
    print(f"GET {path}, from accept() to the close; one request:")
    print(profile.table(each, _TOP))
