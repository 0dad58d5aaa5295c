"""A scan in progress: the program waits, and so does nearly everything that would interrupt it.

The port waits in a loop of its own that turns the SDK and no more (ports/esp8266/network_wlan.c,
esp_scan(): ets_loop_iter()). What is scheduled, soft Timers and pins, finds one of the scheduler's
four places or is lost, and runs afterwards. A hard Timer's callback runs within the SDK
(modmachine.c, esp_timer_cb()), so meanwhile too.
"""

import asyncio
import contextlib
import math

PLACES = 4  # MICROPY_SCHEDULER_DEPTH of py/mpconfig.h

Event = tuple[int, int]  # kind and unit


class Scan:
    """None or one is in progress."""

    def __init__(self) -> None:
        self._end: float | None = None  # by the event loop's clock; None: none is in progress
        self._hard: list[int] = []
        self._held: list[Event] = []
        self._stirred = asyncio.Event()

    @property
    def running(self) -> bool:
        return self._end is not None

    async def wait(self, seconds: float | None) -> int | None:
        """Begin a scan or go on with it; seconds: how long it takes, None: for ever.

        Answers None when it is over, or the unit of a hard Timer: the program is to run its
        callback and to wait again.
        """
        loop = asyncio.get_running_loop()
        if self._end is None:
            self._end = math.inf if seconds is None else loop.time() + seconds
        while not self._hard:
            left = self._end - loop.time()
            if left <= 0:
                self._end = None
                return None
            self._stirred.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                timeout = None if math.isinf(left) else left
                await asyncio.wait_for(self._stirred.wait(), timeout)
        return self._hard.pop(0)

    def hold(self, event: Event, hard: bool) -> bool:
        """Take an interrupt that comes now; False where no scan holds it back."""
        if not self.running:
            return False
        if hard:
            if event[1] not in self._hard:
                self._hard.append(event[1])
            self._stirred.set()
        elif len(self._held) < PLACES:
            self._held.append(event)
        return True

    def held(self) -> list[Event]:
        """What waited for the scan's end, once."""
        held, self._held = self._held, []
        return held

    def break_off(self) -> None:
        """Ctrl-C: esp_scan() looks at mp_pending_exception in its loop."""
        if self.running:
            self._end = -math.inf
            self._stirred.set()

    def forget(self) -> None:
        """The program that waited has ended."""
        self._end = None
        self._hard.clear()
        self._held.clear()
