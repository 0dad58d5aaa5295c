"""What must survive a reset but not a power cut: a record in the RTC's memory.

RTC().memory() holds 492 bytes and survives every reset but power loss
(ports/esp8266/machine_rtc.c).  The record: 3 bytes of name, the count of boots
that did not last, the mark of who reset the board, a byte a GPIO, a checksum.
"""

from machine import RTC
from micropython import const

ASKED = const(1)  # mark: somebody asked for the restart
WATCHDOG = const(2)  # mark: our watchdog found no life

KNOWN = const(1)  # a pin's byte: there is a state to return to
ON = const(2)  # it is on
TIMED = const(4)  # and only for a time, which a reset ends

_NAME = b"Pp1"
_BOOTS = const(3)
_MARK = const(4)
_PINS = const(5)
_SIZE = const(22)  # without the checksum: GPIO0 to GPIO16

_data = bytearray(_SIZE + 1)


def _checksum():
    return sum(memoryview(_data)[:_SIZE]) + 1 & 0xFF


def load():
    """Read the record; forget everything where there is none that is whole."""
    kept = RTC().memory()
    if len(kept) == len(_data):
        _data[:] = kept
    if bytes(_data[:3]) != _NAME or _data[_SIZE] != _checksum():
        for at in range(_SIZE):
            _data[at] = 0
        _data[:3] = _NAME


def _save():
    _data[_SIZE] = _checksum()
    RTC().memory(_data)


def pin(number):
    """Return what is kept of GPIO `number`: KNOWN, ON and TIMED added up, or 0."""
    return _data[_PINS + number]


def keep_pin(number, bits):
    """Keep `bits` for GPIO `number`."""
    if _data[_PINS + number] != bits:
        _data[_PINS + number] = bits
        _save()


def boots():
    """Return how many boots in a row have not lasted."""
    return _data[_BOOTS]


def count_boot(number):
    """Set the count of boots that did not last, 0 to 255."""
    _data[_BOOTS] = min(number, 255)
    _save()


def mark():
    """Return who reset the board, ASKED or WATCHDOG or 0."""
    return _data[_MARK]


def set_mark(who):
    """Note who is about to reset the board; 0 forgets."""
    _data[_MARK] = who
    _save()
