"""ulogging into a ring of the last lines, and to the console.

A line on the console costs 10 ms of serial line at 115,200 baud, so requests
are counted, not logged.  Nothing that holds a password is ever logged.
"""

import io
import sys

import ulogging
from micropython import const
from utime import ticks_ms

_SIZE = const(512)  # bytes of log kept


class Ring(io.IOBase):
    """A stream that passes on what is written to it and keeps the last `size` bytes of it.

    Each line begins with the second (of ticks_ms) at which it was written.
    """

    def __init__(self, size, console):
        self._buf = bytearray(size)
        self._at = 0  # where the next byte goes
        self._full = False  # the oldest bytes have been written over
        self._fresh = True  # at the beginning of a line
        self._console = console

    def write(self, data):
        """Take str or a buffer; returns how many bytes."""
        data = data.encode() if isinstance(data, str) else bytes(data)
        if self._fresh:
            self._put(b"%d " % (ticks_ms() // 1000))
        self._fresh = data[-1:] == b"\n"
        self._put(data)
        return len(data)

    def _put(self, data):
        self._console.write(data)
        buf = self._buf
        for c in data:
            buf[self._at] = c
            self._at += 1
            if self._at == len(buf):
                self._at = 0
                self._full = True

    def text(self):
        """Return what is kept as str: whole lines, oldest first."""
        kept = bytes(self._buf[: self._at])
        if self._full:
            kept = bytes(self._buf[self._at :]) + kept
            kept = kept[kept.find(b"\n") + 1 :]  # the oldest line has lost its beginning
            while kept and 0x80 <= kept[0] < 0xC0:  # or is all there is, cut inside a character
                kept = kept[1:]
        return kept.decode()


ring = Ring(_SIZE, sys.stdout.buffer)
ulogging.basicConfig(level=ulogging.INFO, stream=ring)
log = ulogging.getLogger("picopin")
