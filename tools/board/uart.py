"""The serial line as the board sees it, and its plainest form: lines that are printed."""

import asyncio
import os
from collections.abc import Callable
from typing import Protocol


class Uart(Protocol):
    """Whatever hangs on the chip's TX and RX."""

    repl: bool  # a REPL follows main.py

    def open(self) -> tuple[int, int]:
        """Descriptors for the next interpreter's input and output; the board closes its copies."""
        ...

    def ended(self) -> None:
        """That interpreter is gone."""
        ...


class PrintedUart:
    """Only listens: each line of the console goes to `on_line` as it comes."""

    repl = False

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._output = -1
        self._rest = b""

    def open(self) -> tuple[int, int]:
        self._output, output_end = os.pipe()
        os.set_blocking(self._output, False)
        asyncio.get_running_loop().add_reader(self._output, self._read)
        return os.open(os.devnull, os.O_RDONLY), output_end

    def ended(self) -> None:
        while self._output >= 0 and self._read():
            pass
        self._close()

    def _read(self) -> bool:
        try:
            data = os.read(self._output, 65536)
        except BlockingIOError:
            return False
        if not data:
            self._close()
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._on_line(line.decode("utf-8", "replace").rstrip("\r"))
        return True

    def _close(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1
        if self._rest:
            self._on_line(self._rest.decode("utf-8", "replace"))
            self._rest = b""
