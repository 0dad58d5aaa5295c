"""What must survive a reset but not a power cut: a record in the RTC's memory.

RTC().memory() holds 492 bytes and survives every reset but power loss
(ports/esp8266/machine_rtc.c).  The record: 3 bytes of name, the count of
starts that failed, the mark of who reset the board, a byte a GPIO, a checksum.
"""

from machine import RTC
from micropython import const

BOOTS = const(3)  # index: starts in a row that failed
MARK = const(4)  # index: who reset the board
_PINS = const(5)  # index of GPIO0
_SUM = const(22)

ASKED = const(1)  # mark: somebody asked for the restart
WATCHDOG = const(2)  # mark: our watchdog found no life
BUTTON = const(4)  # mark: GPIO0 was held; cold.safety has one more

ON = const(2)  # a pin's byte: 0 unknown; else 1, and these added
TIMED = const(4)  # on or off only for a time, which a reset ends

_NAME = b"Pp1"
_data = bytearray(_SUM + 1)


def _checksum():
    return sum(memoryview(_data)[:_SUM]) + 1 & 0xFF


def load():
    """Read the record; all of it is 0 where there is none that is whole."""
    kept = RTC().memory()
    if len(kept) == len(_data) and kept[:3] == _NAME:
        _data[:] = kept
        if _data[_SUM] == _checksum():
            return
    _data[:] = _NAME + bytes(len(_data) - 3)


def get(at):
    """Return the byte at BOOTS or MARK."""
    return _data[at]


def put(at, value):
    """Keep `value`, 0 to 255."""
    if _data[at] != value:
        _data[at] = value
        _data[_SUM] = _checksum()
        RTC().memory(_data)


def pin(number):
    """Return what is kept of a GPIO: 0, or 1 with ON and TIMED added."""
    return _data[_PINS + number]


def keep_pin(number, on, timed):
    """Keep the state of a GPIO."""
    put(_PINS + number, 1 | (ON if on else 0) | (TIMED if timed else 0))
