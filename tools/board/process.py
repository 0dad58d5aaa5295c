"""The virtual board as a child process: for tests, the bench, and whoever wants a board.

with BoardProcess("--http-port", "0") as board:
    url = board.ready()
    board.control(set_pin={"pin": 4, "level": 0})
    board.wait_entry(pin=2, level=1)
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from tools import images

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 15.0  # seconds that anything expected may take
BLOCKS = 251  # of the images made here: those of a 2 MiB chip
_READY = re.compile(r"ready (http://\S+)")
_LOOK = 0.005  # seconds between two looks at a condition

Found = TypeVar("Found")


def wait_until(
    look: Callable[[], Found],
    what: str,
    patience: float = PATIENCE,
    hopeful: Callable[[], bool] = lambda: True,
) -> Found:
    """Look until the answer is true; TimeoutError after `patience` seconds or without hope."""
    end = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > end or not hopeful():
            raise TimeoutError(f"waited for {what}")
        time.sleep(_LOOK)
    return found


class BoardProcess:
    """A running `python -m tools.board`, with its console, trace and control socket at hand."""

    def __init__(self, *arguments: str, files: dict[str, bytes] | None = None) -> None:
        """`files`: what the board's file system holds, in place of the built images."""
        self.folder = Path(tempfile.mkdtemp(prefix="board-"))
        self.lines: list[str] = []
        self._trace = self.folder / "trace.jsonl"
        self._trace_read = 0  # bytes
        self._entries: list[dict[str, Any]] = []
        self._control_path = self.folder / "control"
        own = ["--quiet", "--trace", str(self._trace), "--control", str(self._control_path)]
        if files is not None:
            image = self.folder / "flash.img"
            image.write_bytes(images.make_littlefs(files, BLOCKS))
            own += ["--image", str(image)]
        self._command = [sys.executable, "-m", "tools.board", *own, *arguments]
        self._control: socket.socket | None = None
        self.environment: dict[str, str] = {}  # what the board has beside this process's own

    def __enter__(self) -> "BoardProcess":
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            # TMPDIR: what it leaves when killed goes too
            env={**os.environ, **self.environment, "TMPDIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read_lines)
        self._reader.start()
        try:
            self.wait(lambda: self.entries(event="boot"), "first boot")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """End it as Ctrl-C does; answers its exit code."""
        if self._control:
            self._control.close()
            self._control = None
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(PATIENCE)
        finally:
            self._reader.join(PATIENCE)
            shutil.rmtree(self.folder, ignore_errors=True)

    def finish(self) -> list[str]:
        """All that boot.py and main.py print until both are over; the board is stopped then."""
        self.wait_entry(event="idle")
        self.stop()
        return self.lines

    def _read_lines(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    # What it shows.

    def wait(self, look: Callable[[], Found], what: str, patience: float = PATIENCE) -> Found:
        """Look until the answer is true; TimeoutError with the console's end otherwise."""
        try:
            return wait_until(look, what, patience, lambda: self.process.poll() is None)
        except TimeoutError as error:
            console = "\n".join(self.lines[-20:])
            raise TimeoutError(f"{error}; the console's end:\n{console}") from None

    def ready(self, number: int = 1) -> str:
        """The URL of the HTTP port, once `number` lives of the board have served."""
        urls = self.wait_line(_READY.pattern, number)
        return urls[-1]

    def wait_line(self, pattern: str, number: int = 1) -> list[str]:
        """The first group (or all) of each line that matches, once there are `number` of them."""

        def look() -> list[str]:
            found = [match for line in list(self.lines) if (match := re.search(pattern, line))]
            seen = [match.group(match.lastindex or 0) for match in found]
            return seen if len(seen) >= number else []

        return self.wait(look, f"line {pattern!r}")

    def entries(self, **fields: Any) -> list[dict[str, Any]]:
        """The trace so far: the entries that have these fields."""
        self._read_trace()
        return [entry for entry in self._entries if fields.items() <= entry.items()]

    def _read_trace(self) -> None:
        """Take the lines that are new."""
        if not self._trace.is_file():
            return
        with self._trace.open("rb") as file:
            file.seek(self._trace_read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._trace_read += len(whole)
        self._entries += [json.loads(line) for line in whole.splitlines()]

    def wait_entry(self, number: int = 1, **fields: Any) -> dict[str, Any]:
        """The `number`-th entry of the trace that has these fields."""

        def look() -> list[dict[str, Any]]:
            return self.entries(**fields)[number - 1 : number]

        return self.wait(look, f"entry {fields}")[0]

    # What it is told.

    def control(self, **commands: Any) -> dict[str, Any]:
        """Send commands over the control socket; answers theirs, ValueError where it refuses."""
        if self._control is None:
            self._control = self._connect()
        self._control.sendall(json.dumps(commands).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._control.recv(65536)
            if not part:
                raise ConnectionError("the board closed its control socket")
            answer += part
        result = json.loads(answer)
        if "error" in result:
            raise ValueError(result["error"])
        return result

    def _connect(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(PATIENCE)
        with contextlib.ExitStack() as undo:
            undo.callback(made.close)
            made.connect(str(self._control_path))
            undo.pop_all()
        return made
