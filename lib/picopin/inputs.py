"""Inputs.  Loaded only where config.PINS has one."""

from umachine import Pin
from utime import ticks_diff, ticks_ms

from picopin.gpio import Basic


class Input(Basic):
    """An input; its edges are counted where the chip can interrupt on them (not GPIO16)."""

    mode = "in"
    edges = None

    def __init__(self, entry):
        super().__init__(entry)
        self.debounce = int(entry.get("debounce", 0))  # ms in which further edges are bounces
        self.pin = Pin(self.number, Pin.IN, Pin.PULL_UP if entry.get("pull") else None)
        self.settled = self.pin.value()
        self.since = ticks_ms()
        if self.number != 16:
            self.edges = 0
            self.pin.irq(self._edge, Pin.IRQ_RISING | Pin.IRQ_FALLING)

    def _edge(self, pin):
        now = ticks_ms()
        # Less than 0: the last edge was more than 6 days ago, which ticks cannot tell.
        if not 0 <= ticks_diff(now, self.since) < self.debounce:
            self.since = now
            # The opposite of what it was: by now the contact may have bounced back.
            self.settled = 1 - self.settled if self.debounce else pin.value()
            self.edges += 1

    def is_on(self):
        if not 0 <= ticks_diff(ticks_ms(), self.since) < self.debounce:
            self.settled = self.pin.value()
        return bool(self.settled) != self.active_low
