"""The chip's time: epoch 2000 and no clock but the RTC; sleeps run scheduled callbacks."""

import bus
import events
import ops
import uselect
from utime import gmtime as _gmtime
from utime import mktime as _mktime
from utime import (
    sleep_us,
    ticks_add,
    ticks_cpu,
    ticks_diff,
    ticks_ms,
    ticks_us,
)

_EPOCH = 946684800  # 2000-01-01 in unix seconds (ports/esp8266/mpconfigport.h)
_sleeper = uselect.poll()
_sleeper.register(events.wake, uselect.POLLIN)
_sleeper.ipoll(0)  # the first call allocates, no later one does


def sleep_ms(ms):
    end = ticks_add(ticks_ms(), ms)
    while ms > 0:
        _sleeper.ipoll(ms)
        events.woken()
        ms = ticks_diff(end, ticks_ms())


def sleep(seconds):
    sleep_ms(int(seconds * 1000))


def time():
    return bus.call(ops.RTC_TIME, 0, -1)


def time_ns():
    return time() * 1000000000 + bus.call(ops.RTC_MILLIS) * 1000000


def gmtime(seconds=None):
    return _gmtime((time() if seconds is None else seconds) + _EPOCH)[:8]


localtime = gmtime


def mktime(fields):
    return int(_mktime(fields)) - _EPOCH
