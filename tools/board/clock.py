"""What counts time on the chip: timers, the watchdog, the RTC and its memory."""

import asyncio
import time
from collections.abc import Callable

from tools.board import ops
from tools.board.bus import Bus, value_error

RTC_MEMORY = 492  # bytes, ports/esp8266/machine_rtc.c, MEM_USER_MAXLEN
TIMER_LEAST = 0.0001  # seconds, modmachine.c, ESP_TIMER_US_MIN
# The SDK's soft watchdog bites 1.6 s after the last feed (ESP8266 Technical Reference).
WATCHDOG_TIMEOUT = 1.6

PERIODIC, IN_MILLISECONDS, HARD = 1, 2, 4


class Timers:
    """machine.Timer: alarms of the event loop that become interrupts of the interpreter.

    `fire` takes a timer's unit, and whether its callback is a hard one; `crash` is what a timer
    does whose object is gone when it is due.
    """

    def __init__(self, fire: Callable[[int, bool], None], crash: Callable[[], None]) -> None:
        self._fire = fire
        self._crash = crash
        self._alarms: dict[int, asyncio.TimerHandle] = {}
        self._orphaned: list[float] = []  # when they are due, by the event loop's clock
        self._orphans: list[asyncio.TimerHandle] = []

    def attach(self, bus: Bus) -> None:
        bus.on(ops.TIMER_START, self._start)
        bus.on(ops.TIMER_STOP, self._stop)

    def clear(self) -> None:
        """The hardware starts anew: none is armed."""
        for unit in list(self._alarms):
            self._stop(unit)
        self._forget_orphans()

    def orphan(self) -> None:
        """A soft reset stops no timer (main.c, soft_reset()), and the heap is used again.

        Each is a link of the SDK's list of timers (modmachine.c, esp_timer_obj_t) in memory that
        then holds something else: what it does when it is due ends in a fatal exception.
        """
        due = [alarm.when() for alarm in (*self._alarms.values(), *self._orphans)]
        self.clear()
        self._orphaned = due

    def go_on(self) -> None:
        """The next interpreter has the processor, and the orphans come due."""
        loop = asyncio.get_running_loop()
        self._orphans = [loop.call_at(when, self._crash) for when in self._orphaned]
        self._orphaned.clear()

    def _forget_orphans(self) -> None:
        for alarm in self._orphans:
            alarm.cancel()
        self._orphans.clear()
        self._orphaned.clear()

    def _start(self, unit: int, period: int, flags: int) -> None:
        seconds = max(period / (1e3 if flags & IN_MILLISECONDS else 1e6), TIMER_LEAST)
        self._stop(unit)
        self._arm(unit, asyncio.get_running_loop().time() + seconds, seconds, flags)

    def _stop(self, unit: int) -> None:
        alarm = self._alarms.pop(unit, None)
        if alarm:
            alarm.cancel()

    def _arm(self, unit: int, when: float, period: float, flags: int) -> None:
        loop = asyncio.get_running_loop()
        self._alarms[unit] = loop.call_at(when, self._ring, unit, when, period, flags)

    def _ring(self, unit: int, when: float, period: float, flags: int) -> None:
        del self._alarms[unit]
        if flags & PERIODIC:
            late = asyncio.get_running_loop().time() - when
            missed = int(late / period)  # the PC was busy: alarms do not pile up
            self._arm(unit, when + (missed + 1) * period, period, flags)
        self._fire(unit, bool(flags & HARD))


class Watchdog:
    """machine.WDT: once started it cannot be stopped but by a reset of the hardware.

    The interpreter's soft reset leaves it running (ports/esp8266/machine_wdt.c).
    """

    def __init__(self, bite: Callable[[], None]) -> None:
        self.timeout = WATCHDOG_TIMEOUT
        self._bite = bite
        self._alarm: asyncio.TimerHandle | None = None

    def attach(self, bus: Bus) -> None:
        bus.on(ops.WDT_START, self._start)
        bus.on(ops.WDT_FEED, self._feed)

    @property
    def running(self) -> bool:
        return self._alarm is not None

    def clear(self) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None

    def _start(self) -> None:
        self.clear()
        self._alarm = asyncio.get_running_loop().call_later(self.timeout, self._bite)

    def _feed(self) -> None:
        if self.running:
            self._start()


class Rtc:
    """machine.RTC: the clock starts at 2000-01-01 with the power, the memory survives resets."""

    def __init__(self) -> None:
        self.memory = b""
        self._offset = -time.monotonic()

    def attach(self, bus: Bus) -> None:
        bus.on(ops.RTC_READ, lambda: self.memory)
        bus.on(ops.RTC_WRITE, self._write)
        bus.on(ops.RTC_TIME, self._time)
        bus.on(ops.RTC_MILLIS, lambda: int(self._seconds() * 1000) % 1000)

    def power_off(self) -> None:
        self.__init__()

    def _seconds(self) -> float:
        return time.monotonic() + self._offset

    def _write(self, _unit: int, _a: int, _b: int, data: bytes) -> None:
        if len(data) > RTC_MEMORY:
            raise value_error("buffer too long")
        self.memory = data

    def _time(self, _unit: int, seconds: int) -> int:
        if seconds >= 0:
            self._offset = seconds - time.monotonic()
        return int(self._seconds())
