"""Instructions on the chip's own processor: of a start, and of requests.

    with counted("--rom", "rom.img", files={"main.py": b"..."}) as board:
        print(board.start())
        print(board.measure([request], 30).median)

The interpreter (port/wires.c) marks where a connection is accepted and where a socket is closed,
and the plugin of QEMU (plugin/count.c) counts. Instructions are steady where seconds under QEMU
mean nothing. What stands in for the chip's drivers counts too; what the chip waits for its flash
does not.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.bench import load
from tools.board.process import BoardProcess
from tools.chip import build, profile

# Marks of port/wires.c; each with the descriptor of a socket.
_ACCEPTED, _CLOSED, _LISTENING = 1, 2, 3
_ANSWER = 30.0  # seconds that an answer may take
# What collects garbage, by its symbols: py/gc.c, and gccollect.c and gchelper.s of the port.
_COLLECTOR = (
    *("gc_collect", "gc_collect_start", "gc_collect_root", "gc_collect_end", "gc_mark_subtree"),
    *("gc_deal_with_stack_overflow", "gc_sweep", "gc_helper_get_regs_and_sp"),
)


class CountError(Exception):
    """Why nothing was counted, said in one sentence."""


@dataclass(frozen=True)
class Cost:
    """What requests of one kind took, in instructions."""

    served: list[int]  # each from accept() to the close of its connection
    whole: int  # a request's share of all, the loop's wake-ups and collections included
    profile: Counter[str] = field(default_factory=Counter)  # of `served`, by function in C

    @property
    def least(self) -> int:
        """Of a request that was all there when it was accepted, and met no collection."""
        return min(self.served)

    @property
    def median(self) -> int:
        return int(statistics.median(self.served))

    @property
    def collecting(self) -> float:
        """The share of the collector in `served`; 0 without a profile."""
        all_of_it = self.profile.total()
        return sum(self.profile[name] for name in _COLLECTOR) / all_of_it if all_of_it else 0.0


@dataclass(frozen=True)
class _Event:
    """A line of the plugin's log: `mark` with a number, or a system call's name."""

    name: str
    argument: int  # a mark's descriptor, or a call's argument
    instructions: int  # since the start of the process


def read_log(text: str) -> list[_Event]:
    """What the last process has logged: counts begin anew with each."""
    events: list[_Event] = []
    for line in text.splitlines():
        kind, *words = line.split()
        if kind == "total":
            events = []
            continue
        name = f"mark {words[0]}" if kind == "mark" else words[0]
        argument = int(words[1])
        event = _Event(name, argument, int(words[-1]))
        if events and event.instructions < events[-1].instructions:
            events = []
        events.append(event)
    return events


def served(events: Sequence[_Event]) -> list[tuple[int, int]]:
    """Of each connection that was accepted and closed: the counts at both, in order of the end."""
    open_since: dict[int, int] = {}
    found = []
    for event in events:
        if event.name == f"mark {_ACCEPTED}":
            open_since[event.argument] = event.instructions
        elif event.name == f"mark {_CLOSED}" and event.argument in open_since:
            found.append((open_since.pop(event.argument), event.instructions))
    return found


def first_idle(events: Sequence[_Event]) -> int | None:
    """The count at which the program first waits for clients; None: it does not yet."""
    listens = False
    for event in events:
        listens = listens or event.name == f"mark {_LISTENING}"
        if listens and event.name == "poll":
            return event.instructions
    return None


class Counted(BoardProcess):
    """A board on the chip's processor, its instructions counted; `options`, `files` as there."""

    def __init__(self, *options: str, files: dict[str, bytes] | None = None) -> None:
        super().__init__("--cpu", "lx106", "--http-port", "0", *options, files=files)
        self.chip = build.get()
        if self.chip.plugin is None:
            raise CountError("this machine's QEMU is linked statically and loads no plugin")
        # In the board's own folder, whose path has no space: the launcher's shell splits there.
        plugin = self.folder / "count.so"
        plugin.symlink_to(self.chip.plugin)
        self._log, self._profile = self.folder / "count.log", self.folder / "profile"
        options_of_plugin = f"out={self._log},syscalls=on,profile={self._profile}"
        marks = f"begin={_ACCEPTED},end={_CLOSED}"
        self.environment["PICOPIN_QEMU_OPTIONS"] = (
            f"-plugin file={plugin},{options_of_plugin},{marks}"
        )

    def __enter__(self) -> Counted:
        super().__enter__()
        return self

    @property
    def port(self) -> int:
        """Where it serves, once it does."""
        return int(self.ready().rstrip("/").rpartition(":")[2])

    def events(self) -> list[_Event]:
        text = self._log.read_text() if self._log.exists() else ""
        return read_log(text[: text.rfind("\n") + 1])

    def start(self) -> int:
        """Instructions from power-on until it first waits for clients."""
        found = self.wait(lambda: first_idle(self.events()), "the first wait for clients")
        assert found is not None  # wait() ends with what is true
        return found

    def measure(self, requests: Sequence[bytes], count: int, warm: int = 3) -> Cost:
        """`count` of these requests in turn, one after the other, and `warm` before them that are
        not counted. CountError where an answer is no 200."""
        self._ask(requests, warm)
        before = len(served(self.events()))
        profiled = self._read_profile()
        self._ask(requests, count)
        connections = served(self.events())[before - 1 :]
        ends = [end for _, end in connections]
        return Cost(
            served=[end - begin for begin, end in connections[1:]],
            whole=(ends[-1] - ends[0]) // count,
            profile=self._by_function(self._read_profile() - profiled),
        )

    def _ask(self, requests: Sequence[bytes], count: int) -> None:
        port, before = self.port, self._closed()
        for number in range(count):
            request = requests[number % len(requests)]
            answer = load.ask(port, request, _ANSWER)
            if answer[9:12] != b"200":
                line = request.split(b"\r\n", 1)[0].decode()
                raise CountError(f"{line} was answered {answer[:60]!r}, not 200")
        self.wait(lambda: self._closed() >= before + count, "the close of the last connection")

    def _closed(self) -> int:
        """How many sockets were closed; of each the plugin has then written its profile too."""
        return sum(event.name == "close" for event in self.events())

    def _read_profile(self) -> Counter[int]:
        return profile.read_counts(self._profile.read_text().splitlines())

    def _by_function(self, counts: Counter[int]) -> Counter[str]:
        return profile.by_function(counts, profile.symbols(self.chip.program))
