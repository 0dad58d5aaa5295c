"""What must survive a reset but not a power cut: a record in the RTC's memory.

RTC().memory() holds 492 bytes and survives every reset but power loss
(ports/esp8266/machine_rtc.c).  The record: 3 bytes of name, the count of
starts that failed, the mark of who reset the board, a byte a GPIO, a checksum.
"""

from micropython import const
from umachine import RTC

BOOTS = const(3)  # index: starts in a row that failed
MARK = const(4)  # index: who reset the board
PINS = const(5)  # index of GPIO0
_SUM = const(22)

ASKED = const(1)  # mark: somebody asked for the restart
WATCHDOG = const(2)  # mark: our watchdog found no life
BUTTON = const(4)  # mark: GPIO0 was held; cold.safety has one more
FULL = const(5)  # mark: memory was short for good

# A pin's byte: 0 was left alone; else 1 was asked, or 8 is at its boot level, and these added:
ON = const(2)
TIMED = const(4)  # on or off only for a time, which a reset ends

_data = bytearray(_SUM + 1)  # as cold.remembered finds it at start
kept = memoryview(_data)[:_SUM]


def put(at, value):
    """Keep `value`, 0 to 255, at BOOTS, MARK or behind PINS."""
    if kept[at] != value:
        kept[at] = value
        _data[_SUM] = sum(kept) + 1 & 0xFF
        RTC().memory(_data)


def keep_pin(number, on, timed):
    """Keep the state of a GPIO that somebody asked for."""
    put(PINS + number, 1 | (ON if on else 0) | (TIMED if timed else 0))
