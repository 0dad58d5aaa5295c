"""The chip's `esp` (ports/esp8266/modesp.c): the flash as a whole, header byte included."""

import bus
import ops

SLEEP_NONE = 0
SLEEP_LIGHT = 1
SLEEP_MODEM = 2

_MOST = 1024  # bytes in one answer of the bus


def osdebug(level, mask=0):
    pass


def flash_id():
    return bus.call(ops.FLASH_ID)


def flash_read(offset, length_or_buffer):
    whole = isinstance(length_or_buffer, int)
    buffer = bytearray(length_or_buffer) if whole else length_or_buffer
    view = memoryview(buffer)
    for at in range(0, len(buffer), _MOST):
        part = view[at : at + _MOST]
        part[:] = bus.fetch(ops.FLASH_READ, 0, offset + at, len(part))
    return bytes(buffer) if whole else None


def flash_write(offset, data):
    if len(data) % 4:
        raise ValueError("len must be multiple of 4")
    bus.call(ops.FLASH_WRITE, 0, offset, 0, data)


def flash_erase(sector):
    bus.call(ops.FLASH_ERASE, 0, sector)


def flash_size():
    return bus.call(ops.FLASH_SIZE)


def flash_user_start():
    return bus.call(ops.FLASH_USER_START)


def check_fw():
    return True


def freemem():
    return 20000  # bytes: the SDK's own heap, apart from MicroPython's


def sleep_type(kind=None):
    import network

    station = network.WLAN(network.STA_IF)
    if kind is None:
        return station.config("pm")
    station.config(pm=kind)
