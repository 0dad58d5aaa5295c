"""Boards for tests: the firmware on a virtual ESP8266, or a real one by its address.

with Board(PINS=[{"pin": 4, "mode": "out"}]) as board:
    board.client.get("/?pin=4&state=on")
    assert board.levels(4) == [0, 1]
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.support.http import Client
from tools.board.process import ROOT, BoardProcess
from tools.chip import build as build_chip

CPU = "pc"  # of every board: pytest's --cpu
HEAP = "60k"  # for tests that are not about memory: those have the gate of tools.heap
BUILT = ROOT / "build/romfs"  # the layout that is recommended, and the board's default
AP_KEY = "for-tests-only"  # AP_PASSWORD where a test does not say

Entry = dict[str, Any]


def build() -> None:
    """Bring the built images up to date; takes a second, and is safe beside another build."""
    subprocess.run([sys.executable, "-m", "tools.build", "--quiet"], cwd=ROOT, check=True)


def chip_or_skip() -> build_chip.Chip:
    """The chip's own interpreter. Where it cannot be had the test is skipped with one sentence, but
    where CI=true it fails: what runs there must be able to have it."""
    try:
        return build_chip.get()
    except build_chip.Unavailable as error:
        reason = f"the chip's own processor was not tested: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def config_text(**settings: object) -> str:
    """A config.py with these lines."""
    lines = {"AP_PASSWORD": AP_KEY, **settings}
    return "".join(f"{name} = {value!r}\n" for name, value in lines.items())


def _ports() -> Iterator[int]:
    """Below those that systems give to clients, and others for each process that runs tests."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + worker % 6 * 2000
    return cycle(range(first, first + 2000))


_PORTS = _ports()


def free_port() -> int:
    """A port of loopback that nobody uses, and that no other process of the tests will take."""
    for port in _PORTS:
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a cycle ends nowhere")


class Board(BoardProcess):
    """The firmware as built, running; on leaving, the board and all it wrote are gone.

    `cpu`: pytest's --cpu unless told. `heap`: on this PC's processor; the chip's own has the
    chip's, always.
    `config`: the text of config.py; else one made of `settings`, or as shipped without those.
    `options`: further ones of `python -m tools.board`. `flash`: where its flash is kept, made at
    the first start; without it every board starts as flashed. `files`: what the file system holds
    instead of the built boot.py, main.py and config.py. `serves`: wait until clients are let in.
    """

    def __init__(
        self,
        *options: str,
        config: str | None = None,
        heap: str = HEAP,
        cpu: str | None = None,
        flash: Path | None = None,
        files: dict[str, bytes] | None = None,
        serves: bool = True,
        **settings: object,
    ) -> None:
        ports = free_port(), free_port()
        self.client, self.phone = (Client(f"http://127.0.0.1:{port}/") for port in ports)
        given = ["--http-port", str(ports[0]), "--ap-http-port", str(ports[1]), "--cpu", cpu or CPU]
        if (cpu or CPU) == "pc":
            given += ["--heap", heap]
        if flash and not flash.exists():
            shutil.copyfile(BUILT / "littlefs.img", flash)
        if flash:
            given += ["--image", str(flash)]
        if flash or files:
            given += ["--rom", str(BUILT / "romfs.img")]
        super().__init__(*given, *options, files=files)
        self._serves = serves
        if settings:
            config = config_text(**settings)
        if config is not None:
            path = self.folder / "config.py"
            path.write_text(config)
            self._command += ["--config", str(path)]

    def __enter__(self) -> "Board":
        super().__enter__()
        with self._stopped_by_any_failure():
            if self._serves:
                self.wait_serving()
        return self

    @contextlib.contextmanager
    def _stopped_by_any_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def wait_serving(self, life: int = 1) -> None:
        """Wait until the board's `life`-th life (the first is 1) lets clients in."""
        self.wait_line(f"ready {re.escape(self.client.url)}", life)

    @property
    def life(self) -> int:
        """How many lives the board has begun."""
        return len(self.entries(event="boot"))

    def restart(self, how: str = "software") -> None:
        """End this life as the control socket does by `reset`, or by "power"; wait for the next."""
        life = self.life
        self.control(**({"power": "cycle"} if how == "power" else {"reset": how}))
        self.wait_entry(number=life + 1, event="boot")
        self.wait_serving(life + 1)

    # What the pins did: the trace.

    def changes(self, *pins: int) -> list[Entry]:
        """Each change of these pins, or of all, since the first power-on."""
        entries = [entry for entry in self.entries() if "pin" in entry]
        return [entry for entry in entries if not pins or entry["pin"] in pins]

    def levels(self, pin: int) -> list[int | None]:
        """The levels that a pin took, one after the other."""
        return [entry["level"] for entry in self.changes(pin)]

    def pads(self) -> dict[str, Entry]:
        """What a meter would show at each pin now: level, mode, duty, freq, pull_up."""
        return self.control(pins=None)["pins"]

    def level(self, pin: int) -> int | None:
        return self.pads()[str(pin)]["level"]

    @contextlib.contextmanager
    def unmoved(self) -> Iterator[None]:
        """Fail when any pin changed in the meantime, were it for a moment."""
        before = self.changes()
        yield
        moved = self.changes()[len(before) :]
        assert not moved, f"moved: {moved}"

    def wait_connection(self, **fields: Any) -> Entry:
        """The relay's record of the last connection with these fields, once it is over."""

        def look() -> list[Entry]:
            records = self.control(net=None)["net"]["connections"]
            return [each for each in records if each["how"] and fields.items() <= each.items()]

        return self.wait(look, f"a connection {fields}")[-1]

    def counters(self) -> dict[str, int]:
        """`requests` of /status."""
        answer = self.client.get("/status")
        assert answer.status == 200, answer  # 503: memory lacks
        return answer.json["requests"]


@dataclass
class RealBoard:
    """A board somewhere, reached by HTTP alone; what needs more is skipped."""

    client: Client

    @cached_property
    def phone(self) -> Client:
        pytest.skip("a real board's access point has no port here")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        pytest.skip(f"a real board has no {name}()")

    @contextlib.contextmanager
    def unmoved(self) -> Iterator[None]:
        """Without a trace the board's own word must do."""
        before = self.client.get("/pins").json
        yield
        assert self.client.get("/pins").json == before


def board_with(*options: str, **given: Any) -> Any:
    """A fixture for a module: one board for all its tests, made as Board() is.

    board = board_with(PINS=[{"pin": 4, "mode": "out"}])
    """

    @pytest.fixture(scope="module")
    def board(built: None) -> Iterator[Board]:
        with Board(*options, **given) as made:
            yield made

    return board
