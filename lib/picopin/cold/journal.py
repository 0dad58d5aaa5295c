"""ulogging into a ring of the last lines, and to the console.

A line on the console costs 10 ms of serial line at 115,200 baud, so requests
are counted, not logged.  Nothing that holds a password is ever logged.
"""

import sys

import uio as io
from utime import ticks_ms

from picopin import forget

try:
    import ulogging
finally:  # it goes with this module, and so does half of it where memory lacked
    forget("ulogging")


def logger(kept):
    """Return the Logger whose lines go to the ring `kept` and to the console.

    That is sys.stdout, which sends CR LF; what is written to its buffer leaves with a bare LF.
    """
    ulogging.basicConfig(level=ulogging.INFO, stream=Ring(kept, sys.stdout))
    return ulogging.getLogger("picopin")


class Ring(io.IOBase):
    """A stream that passes on what is written to it, and keeps the last of it in a bytearray.

    The first two bytes say where the next one goes; 0 is a byte not written yet.
    Each line begins with the second (of ticks_ms) at which it was written.
    """

    def __init__(self, kept, console):
        self._kept = kept
        self._console = console

    def write(self, data):
        """Take str or a buffer; returns how many bytes."""
        data = data.encode() if isinstance(data, str) else bytes(data)
        kept = self._kept
        at = _at(kept)
        if kept[at - 1 if at > 2 else -1] in b"\n\0":
            self._put(b"%d " % (ticks_ms() // 1000))
        self._put(data)
        return len(data)

    def _put(self, data):
        self._console.write(data)
        kept = self._kept
        at = _at(kept)
        for c in data:
            kept[at] = c or 63  # a question mark
            at += 1
            if at == len(kept):
                at = 2
        kept[0] = at >> 8
        kept[1] = at & 0xFF


def _at(kept):
    return (kept[0] << 8 | kept[1]) or 2


def text(kept):
    """Return what the ring keeps as str: whole lines, oldest first."""
    at = _at(kept)
    data = bytes(kept[2:at])
    if kept[at]:  # all of it has been written: the oldest line has lost its beginning
        data = bytes(kept[at:]) + data
        data = data[data.find(b"\n") + 1 :]
        while data and 0x80 <= data[0] < 0xC0:  # or is all there is, cut inside a character
            data = data[1:]
    return data.decode()
