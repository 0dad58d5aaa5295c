"""machine.Timer, RTC and WDT: thin objects, their rules are in the host's clock.py."""

import sys

import bus
import events
import ops
from micropython import heap_lock, heap_unlock


class RTC:
    ALARM0 = 0

    def __new__(cls):
        return _rtc

    def memory(self, data=None):
        if data is None:
            return bus.fetch(ops.RTC_READ)
        if len(data) > 492:  # machine_rtc.c, MEM_USER_MAXLEN
            raise ValueError("buffer too long")
        bus.call(ops.RTC_WRITE, 0, 0, 0, data)

    def datetime(self, fields=None):
        import time

        if fields is None:
            year, month, day, hour, minute, second, weekday = time.gmtime()[:7]
            ms = bus.call(ops.RTC_MILLIS)
            return year, month, day, weekday, hour, minute, second, ms
        year, month, day, _, hour, minute, second, _ = fields
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0))
        bus.call(ops.RTC_TIME, 0, seconds)


class WDT:
    def __new__(cls, id=0, timeout=5000):
        if id != 0 or timeout != 5000:  # machine_wdt.c: the time is fixed
            raise ValueError
        bus.call(ops.WDT_START)
        return _wdt

    def feed(self):
        bus.call(ops.WDT_FEED)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id):
        self._unit = -1

    def init(
        self, *, mode=1, callback=None, period=0xFFFFFFFF, tick_hz=1000, freq=None, hard=False
    ):
        self.deinit()
        self._unit = _free_timer()
        self._callback = callback
        self._mode = mode
        self._hard = hard
        _timers[self._unit] = self
        if freq:
            tick_hz, period = freq, 1
        us = int(period * 1000000 / tick_hz)
        flags = mode | 4 if hard else mode
        if us > 0x3FFFFFFF:
            bus.call(ops.TIMER_START, self._unit, us // 1000, flags | 2)
        else:
            bus.call(ops.TIMER_START, self._unit, us, flags)

    def deinit(self):
        if self._unit >= 0:
            bus.call(ops.TIMER_STOP, self._unit)
            _timers[self._unit] = None
            self._unit = -1


_timers = [None] * events.UNITS


def _free_timer():
    for unit in range(events.UNITS):
        if _timers[unit] is None:
            return unit
    raise OSError(12)


def _fire(unit):
    timer = _timers[unit]
    if timer is None:
        return
    if not timer._mode:
        timer.deinit()
    if timer._callback is None:
        return
    if timer._hard:  # modmachine.c, esp_timer_cb: a hard callback may not allocate
        heap_lock()
    try:
        timer._callback(timer)
    finally:
        if timer._hard:
            heap_unlock()


def fire(unit):
    """Run the callback of a hard Timer that is due while the port waits in a loop of its own."""
    try:
        _fire(unit)
    except Exception as error:
        sys.print_exception(error)


for _number in range(events.UNITS):
    events.handlers[events.UNITS * ops.EVENT_TIMER + _number] = _fire
_rtc = object.__new__(RTC)
_wdt = object.__new__(WDT)
