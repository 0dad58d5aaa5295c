"""A board on the chip's own processor, with clients: where a scene is played and measured."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tools.board.process import PATIENCE, ROOT, BoardProcess

BUILT = ROOT / "build/romfs"
DEEP = "maximum recursion depth"  # what MicroPython says where its stack's end was met
_TRIES = 10  # of a request for which memory lacks
_PAUSE = 100  # milliseconds between two of them
_SERVED = "INFO:picopin:serving"  # the firmware's own line, by now it listens
_SERVES = 'cold("serving").run(app)'


class NoRoom(Exception):
    """A request was told each time that there is no memory just now."""


class Wrong(Exception):
    """A scene did not go as it should: what came instead."""


@dataclass(frozen=True)
class Answer:
    """Status, whole head and body."""

    status: int
    head: str
    body: bytes


@dataclass(frozen=True)
class Scene:
    """`act` does something to the board, and returns when all of it is over.

    `restarts`: how many lives of the chip end in it. `fresh`: it is measured from the life's start.
    """

    name: str
    act: Callable[[Stage], None]
    restarts: int = 0
    fresh: bool = False


@dataclass(frozen=True)
class Row:
    """What a scene took of the chip.

    `peak`: bytes of the stack. `free` and `largest`: bytes of heap after a collection, None where
    the life ended. `calls`: words on the stack from its deepest point on. `trouble`: what went
    wrong, or nothing. `refused`: answers that memory lacks; what got one was asked again.
    `starved`: it heard nothing else, so it was not played to its end.
    """

    scene: str
    peak: int
    free: int | None
    largest: int | None
    calls: list[str]
    trouble: str = ""
    refused: int = 0
    starved: bool = False


@dataclass(frozen=True)
class Setting:
    """A config.py (of `settings`), lines of the owner's before main.py serves, and its scenes."""

    name: str
    scenes: list[Scene]
    settings: Mapping[str, Any] = field(default_factory=dict)
    main: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    routers: list[dict[str, Any]] | None = None  # None: the air obliges
    serves: bool = True  # by itself, without a scene that leads there


def _files(setting: Setting) -> dict[str, bytes]:
    lines = {"AP_PASSWORD": "for-measuring", **setting.settings}
    config = "".join(f"{name} = {value!r}\n" for name, value in lines.items())
    main = (ROOT / "main.py").read_text()
    assert main.count(_SERVES) == 1
    indented = setting.main.strip().replace("\n", "\n    ")
    if indented:
        main = main.replace(_SERVES, f"{indented}\n    {_SERVES}")
    own = {"boot.py": (ROOT / "boot.py").read_bytes(), "main.py": main.encode()}
    return {**own, "config.py": config.encode(), **setting.files}


class Stage(BoardProcess):
    """The firmware as built, with what a setting changes, on the lx106.

    Clients come by the access point; where there are routers, by the station too.
    """

    def __init__(self, setting: Setting, rom: Path = BUILT / "romfs.img") -> None:
        ports = ["--ap-http-port", "0"]
        if setting.routers is not None:
            ports += ["--http-port", "0"]
        options = ["--cpu", "lx106", "--rom", str(rom), *ports, *setting.options]
        super().__init__(*options, files=_files(setting))
        self._setting = setting
        self._begun = 0  # connections
        self._refused = 0  # for lack of memory, in this scene

    def __enter__(self) -> Stage:
        super().__enter__()
        try:
            if self._setting.routers is not None:
                self.control(routers=[])
            self.wait_entry(event="heap")
            if self._setting.serves:
                self.wait_served()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def life(self) -> int:
        """How many lives the chip has begun."""
        return len(self.entries(event="boot"))

    @property
    def served(self) -> int:
        """How many lives have let clients in."""
        return sum(_SERVED in line for line in self.lines)

    def wait_served(self, lives: int = 1) -> None:
        self.wait_line(_SERVED, lives)

    def wait_clock(self, milliseconds: int) -> None:
        """Until so much of the board's time has passed."""

        def now() -> int:
            return self.control(status=None)["status"]["ms"]

        end = now() + milliseconds
        self.wait(lambda: now() >= end, f"{milliseconds} ms", PATIENCE + milliseconds / 1000)

    # Clients.

    def address(self, by: str = "ap") -> tuple[str, int]:
        """Where the board's access point ("ap") or station is reached on this PC."""
        found = self.wait_line(r"^ready http://[\d.]+:(\d+)/$", 1 if by == "ap" else 2)
        ports = list(dict.fromkeys(int(port) for port in found))
        return "127.0.0.1", ports[0 if by == "ap" else 1]

    def connect(self, by: str = "ap") -> socket.socket:
        self._begun += 1
        return socket.create_connection(self.address(by), PATIENCE)

    def send(self, request: bytes, by: str = "ap") -> Answer:
        """Send these bytes as they are, and again where memory lacks just now."""
        for left in reversed(range(_TRIES)):
            with self.connect(by) as connection:
                connection.sendall(request)
                answer = read_answer(connection)
            if not self.lacks(answer):
                return answer
            if left:
                self.wait_clock(_PAUSE)
        raise NoRoom

    def lacks(self, answer: Answer) -> bool:
        """Whether an answer says that memory lacks; the row will count it."""
        lacks = answer.status == 503 and (not answer.body or b"no memory just now" in answer.body)
        self._refused += lacks
        return lacks

    def ask(
        self,
        request: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        by: str = "ap",
    ) -> Answer:
        """`request` is "METHOD target"."""
        wanted = {"Host": "192.168.4.1" if by == "ap" else "192.168.1.50"}
        if body is not None:
            wanted["Content-Length"] = str(len(body))
        lines = [f"{name}: {text}" for name, text in (wanted | dict(headers or {})).items() if text]
        head = "\r\n".join([f"{request} HTTP/1.1", *lines, "", ""])
        return self.send(head.encode("latin-1") + (body or b""), by)

    def get(self, target: str) -> bytes:
        """The body of a GET that must succeed."""
        answer = self.ask(f"GET {target}")
        expect(answer.status, 200, f"GET {target}")
        return answer.body

    def wait_closed(self) -> None:
        """Until no connection is open on the board."""

        def look() -> bool:
            return len(self.entries(event="connection")) >= self._begun

        self.wait(look, "all connections to be closed")

    # Measuring.

    def report(self, **flags: bool) -> dict[str, Any]:
        number = len(self.entries(event="memory", of="now")) + 1
        self.control(memory=flags)
        return self.wait_entry(number, event="memory", of="now")

    def measure(self, scene: Scene) -> Row:
        """Play a scene: what it took, and what was wrong with it."""
        if not scene.fresh:
            self.report(forget=True)
        first, line, served = len(self.entries()), len(self.lines), self.served
        life = 1 if scene.fresh else self.life
        trouble, self._refused, starved = "", 0, False
        try:
            scene.act(self)
            self.wait_closed()
            if scene.restarts and not scene.fresh:
                self.wait_served(served + 1)
        except NoRoom:
            starved = True
            self.wait_closed()
        except (Wrong, OSError, TimeoutError) as error:
            trouble = f"{type(error).__name__}: {error}".splitlines()[0]
        if not trouble and self.life != life + scene.restarts:
            trouble = f"{self.life - life} restarts"
        row = self._row(scene, 0 if scene.fresh else first, line, trouble)
        return replace(row, starved=starved)

    def _row(self, scene: Scene, first: int, line: int, trouble: str) -> Row:
        """From the trace and the console since `first` and `line`."""
        try:
            last = self.report(collect=True)
        except (OSError, TimeoutError) as error:
            return Row(scene.name, 0, None, None, [], trouble or f"no report: {error}")
        ended = [each for each in self.entries()[first:] if each.get("of") == "reset"]
        deepest = max(ended or [last], key=lambda entry: entry["stack"])
        if any(DEEP in text for text in self.lines[line:]):
            trouble = f"{trouble}; {DEEP}".removeprefix("; ")
        measured = deepest["stack"], last["free"], last["largest"], deepest["calls"]
        return Row(scene.name, *measured, trouble, self._refused)

    def started(self) -> list[Row]:
        """The rows of the start itself: the port's _boot.py, boot.py, main.py up to accept()."""
        rows = []
        for of in ("_boot.py", "boot.py"):
            entry = self.wait_entry(event="memory", of=of)
            rows.append(Row(of, entry["stack"], None, None, entry["calls"]))
        if self._setting.serves:
            entry = self.report(collect=True)
            sizes = entry["free"], entry["largest"]
            rows.append(Row("main.py to accept()", entry["stack"], *sizes, entry["calls"]))
            rows.append(self.measure(Scene("the first seconds", lambda _: self.wait_clock(2200))))
        return rows


def read_answer(connection: socket.socket) -> Answer:
    """Read to the end of the connection, which the board closes after every answer."""
    received = b""
    while part := connection.recv(65536):
        received += part
    head, blank, body = received.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
    if not (found and blank):
        raise Wrong(f"no answer but {received[:80]!r}")
    return Answer(int(found[1]), head.decode("latin-1"), body)


def expect(got: object, wanted: object, of: str) -> None:
    if got != wanted:
        raise Wrong(f"{of}: {got} in place of {wanted}")
