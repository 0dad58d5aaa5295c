"""A bench for the sockets alone: MicroPython with the fake `socket`, the relay in a thread."""

import asyncio
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from tools.board import vmbuild
from tools.board.bus import Bus
from tools.board.lwip import Stack

PATIENCE = 10.0  # seconds that anything expected may take

_START = """
import sys
sys.path.insert(0, {fakes!r})
import bus, events
bus.attach(int(sys.argv[1]))
events.attach(*[int(number) for number in sys.argv[2:5]])
import select
import socket
sys.path.pop(0)
execfile({program!r}, {{"__name__": "__main__"}})
"""


class SocketBoard:
    """Runs a device program; its ports are `http` (station), `ap` and `dns` (UDP 53)."""

    def __init__(self, folder: Path, cache: Path, program: str, heap: str) -> None:
        self._folder = folder
        self._cache = cache
        self._heap = heap
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._lines: queue.Queue[str] = queue.Queue()
        self._ready = threading.Event()
        (folder / "program.py").write_text(program)

    def __enter__(self) -> "SocketBoard":
        self._thread.start()
        self.run(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.interpreter.kill()
        self.interpreter.wait(PATIENCE)
        self.run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._reader.join(PATIENCE)
        self._loop.close()

    async def _open(self) -> None:
        self.stack = Stack(self._folder, lambda: round(time.monotonic() * 1000))
        self.stack.on_ready = lambda port: self._ready.set()
        bus = Bus()
        self.stack.attach(bus)
        self.http = self.stack.map(0, self.stack.station).port
        self.ap = self.stack.map(0, self.stack.access_point).port
        self.dns = await self.stack.udp.map(0, 53, self.stack.access_point)
        self.stack.station.rise("192.168.1.50")
        self.stack.access_point.rise("192.168.4.1")
        self._server = asyncio.create_task(bus.serve(self._start_interpreter()))

    async def _shut(self) -> None:
        await self.stack.stop()
        self._server.cancel()
        for number in self._pipes:
            os.close(number)

    def _start_interpreter(self) -> socket.socket:
        fakes = vmbuild.build_fakes(self._cache)
        start = self._folder / "start.py"
        program = str(self._folder / "program.py")
        start.write_text(_START.format(fakes=str(fakes), program=program))
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._pipes = (*os.pipe(), *os.pipe())
        events, _, wake, waker = self._pipes
        descriptors = (theirs.fileno(), events, wake, waker)
        self.interpreter = subprocess.Popen(
            [str(Path(sys.executable).parent / "micropython"), "-X", f"heapsize={self._heap}"]
            + [str(start), *map(str, descriptors)],
            cwd=self._folder,
            pass_fds=descriptors,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        theirs.close()
        self._reader = threading.Thread(target=self._read_lines)
        self._reader.start()
        return ours

    def _read_lines(self) -> None:
        assert self.interpreter.stdout
        with self.interpreter.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine beside the relay, and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def do(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function of the relay in its own thread."""

        async def call() -> Any:
            return function(*args)

        return self.run(call())

    def wait_ready(self) -> None:
        if not self._ready.wait(PATIENCE):
            raise AssertionError(f"the program does not listen: {list(self._lines.queue)}")

    def line(self) -> str:
        """The next line that the program prints."""
        return self._lines.get(timeout=PATIENCE)

    def connect(self, port: int | None = None, host: str = "127.0.0.1") -> socket.socket:
        """A client of the station's port, or of the one given, from a host of 127.0.0.0/8."""
        self.wait_ready()
        return socket.create_connection(
            ("127.0.0.1", port or self.http), PATIENCE, source_address=(host, 0)
        )

    def records(self) -> list[dict[str, Any]]:
        return self.do(self.stack.summary)["connections"]

    def active(self) -> int:
        return self.do(self.stack.summary)["active"]

    def ended(self, index: int = -1) -> dict[str, Any]:
        """The record of a connection, once it is over."""
        wait_for(lambda: self.records() and self.records()[index]["how"])
        return self.records()[index]


def wait_for(condition: Callable[[], Any]) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"did not come true within {PATIENCE} s")
        time.sleep(0.01)
