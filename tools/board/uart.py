"""The serial line as the board sees it, and its plainest form: lines that are printed."""

import asyncio
import os
from collections.abc import Callable
from typing import Protocol


class Uart(Protocol):
    """Whatever hangs on the chip's TX and RX."""

    repl: bool  # a REPL follows main.py
    on_interrupt: Callable[[], None]  # called after a Ctrl-C that it has sent to the program

    @property
    def raw(self) -> bool:
        """That REPL is in its raw mode."""
        ...

    def open(self) -> tuple[int, int]:
        """Descriptors for the next interpreter's input and output; the board closes its copies."""
        ...

    async def send(self, data: bytes) -> None:
        """The program's bytes that leave as they are, behind all that it has printed."""
        ...

    def booting(self, pid: int) -> None:
        """MicroPython is up in that process, boot.py comes next."""
        ...

    def ended(self) -> None:
        """That interpreter is gone."""
        ...

    def reset(self, soft: bool) -> None:
        """What ended it was a reset; a soft one is of the interpreter only."""
        ...

    def close(self) -> None:
        """The board is gone."""
        ...


def nobody_listens() -> None:
    """The default of `on_interrupt`."""


class Lines:
    """Bytes in, lines of text out as they are complete."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def add(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._tell(line)

    def end(self) -> None:
        """No more will come: what stands there is a line too."""
        if self._rest:
            self._tell(self._rest)
            self._rest = b""

    def _tell(self, line: bytes) -> None:
        self._on_line(line.decode("utf-8", "replace").rstrip("\r"))


class PrintedUart:
    """Only listens: each line of the console goes to `on_line` as it comes."""

    repl = False
    raw = False

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.on_interrupt = nobody_listens
        self._lines = Lines(on_line)
        self._output = -1

    def open(self) -> tuple[int, int]:
        self._output, output_end = os.pipe()
        os.set_blocking(self._output, False)
        asyncio.get_running_loop().add_reader(self._output, self._read)
        return os.open(os.devnull, os.O_RDONLY), output_end

    async def send(self, data: bytes) -> None:
        while self._output >= 0 and self._read():
            pass
        self._lines.add(data)

    def booting(self, pid: int) -> None:
        """Nobody types."""

    def ended(self) -> None:
        while self._output >= 0 and self._read():
            pass
        self._close()

    def reset(self, soft: bool) -> None:
        """Nobody sees the chip's "soft reboot"."""

    def close(self) -> None:
        """What there was, ended() has closed."""

    def _read(self) -> bool:
        try:
            data = os.read(self._output, 65536)
        except BlockingIOError:
            return False
        if not data:
            self._close()
            return False
        self._lines.add(data)
        return True

    def _close(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1
        self._lines.end()
