"""A serial line of which the test is the other end."""

import os
import select
import tty
from types import TracebackType


class SilentLine:
    """A pseudo-terminal: `path` is what a program opens, and nobody answers but the test."""

    def __enter__(self) -> "SilentLine":
        self.end, self._kept = os.openpty()
        tty.setraw(self._kept)
        self.path = os.ttyname(self._kept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pull()

    def say(self, text: str) -> None:
        """What the board prints; MicroPython ends lines with CR LF."""
        os.write(self.end, text.replace("\n", "\r\n").encode())

    def heard(self, size: int, patience: float) -> bytes:
        """What was typed, once it is so many bytes."""
        data = b""
        while len(data) < size and select.select([self.end], [], [], patience)[0]:
            data += os.read(self.end, size - len(data))
        return data

    def pull(self) -> None:
        """The cable is out: the device is gone for whoever has it open."""
        for file in (self.end, self._kept):
            if file >= 0:
                os.close(file)
        self.end = self._kept = -1
