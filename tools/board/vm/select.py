"""select.poll that wakes up for interrupts, as the chip's poll does."""

import events
import uselect

POLLIN = uselect.POLLIN
POLLOUT = uselect.POLLOUT
POLLERR = uselect.POLLERR
POLLHUP = uselect.POLLHUP


class poll:
    def __init__(self):
        real = uselect.poll()
        real.register(events.wake, POLLIN)
        self._real = real
        self.register = real.register
        self.unregister = real.unregister
        self.modify = real.modify

    def ipoll(self, timeout=-1, flags=0):
        """Allocates nothing; may end early and empty after an interrupt: asyncio asks again."""
        ready = self._real.ipoll(timeout, flags)
        while events.woken():
            ready = self._real.ipoll(0, flags)
        return ready

    def poll(self, timeout=-1, flags=0):
        ready = self._real.poll(timeout, flags)
        while events.woken():
            ready = self._real.poll(0, flags)
        return ready
