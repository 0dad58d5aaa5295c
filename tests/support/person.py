"""Somebody at a terminal: a command under a pseudo-terminal, its questions read and answered."""

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import TracebackType

from tools.board.process import PATIENCE, ROOT


@contextlib.contextmanager
def _ctrl_c_heard() -> Iterator[None]:
    """What starts here hears Ctrl-C, though tests run by `make test &` of a script do not."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)  # exec makes it the default
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class Person:
    """with Person("tools.configure", "--config", path) as person: person.answers("name", "x")"""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self.seen = ""

    def __enter__(self) -> "Person":
        self._end, terminal = pty.openpty()
        with _ctrl_c_heard():
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,
            )
        os.close(terminal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._end)

    def until(self, text: str) -> str:
        """What was shown up to and with `text`."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self._end], [], [], left)[0]:
                raise AssertionError(f"waited for {text!r}, saw {self.seen!r}")
            self.seen += self._read().replace("\r", "")
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def _read(self) -> str:
        try:
            data = os.read(self._end, 4096)
        except OSError:  # Linux: the program has ended and closed its end
            data = b""
        if not data:
            raise AssertionError(f"it ended; the last it said: {self.seen!r}")
        return data.decode()

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def answers(self, question: str, answer: str) -> str:
        """Waits for the question and types the answer; what was shown before it."""
        shown = self.until(question)
        self.until(": " if not question.endswith(" ") else "")
        self.type(answer + "\n")
        return shown

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE)
