"""The pins: read, drive and time them, by the policy of config.PINS.

States are logical: "on" lights an active-low LED.  Every refusal is raised
before anything has changed.  What only some boards have is in modules of its
own (pwm, inputs, last), and what is seldom asked in cold (limits, explain).
"""

from umachine import Pin, Timer
from utime import ticks_add, ticks_diff, ticks_ms

from picopin import cold, retained

pins = []  # every usable pin of the policy, in config.py's order
names = b""  # what they are called, a line a pin: b" 2 D4 led \n"
withheld = {}  # GPIO -> why the policy's entry is not in force on this board
changed_at = 0  # ticks of the last change of an output

saver = None  # called once a second; last.save where a pin has boot="last"

_busy = False  # a check and the switch that follows it are under way
_timer = Timer(-1)  # set for whichever timed output ends first


class Basic:
    """What all pins have in common.  number: GPIO; name: the owner's, else the board's."""

    active_low = False
    read_only = False
    plain = False  # it can be switched on and off without a further look

    def __init__(self, entry):
        self.number = entry["pin"]
        self.name = entry["name"]
        if entry.get("active_low"):
            self.active_low = True
        if entry.get("read_only"):
            self.read_only = True

    def ms_left(self):
        """Return the milliseconds until a timed state ends, or None."""


class Output(Basic):
    """An output that is on or off."""

    mode = "out"
    max_on = None  # milliseconds
    group = None  # no two of a group are ever on
    plain = True
    last = False  # its state outlives a power cut
    until = None  # ticks at which it goes to `back`

    def __init__(self, entry, on):
        """on: the state to start with, or None to leave the pin untouched."""
        super().__init__(entry)
        for key in ("max_on", "group"):
            if entry.get(key):
                setattr(self, key, entry[key])
        if self.group or self.read_only:
            self.plain = False
        if on is not None:
            self.level(on)

    def level(self, on):
        # value= sets the level before the pin becomes an output, so it never glitches (GPIO16
        # does: cold.pinmap); without it GPIO16 would be driven high (machine_pin.c).
        Pin(self.number, Pin.OUT, value=on != self.active_low)

    def is_on(self):
        """By what was asked, or the boot level: a load may hold the pad elsewhere."""
        kept = retained.kept[retained.PINS + self.number]
        if kept:
            return bool(kept & retained.ON)
        return bool(Pin(self.number).value()) != self.active_low  # left alone, and only read

    def rival(self):
        """Return the pin of the interlock group that is on, or None."""
        if self.group:
            for pin in pins:
                if (
                    pin is not self
                    and pin.mode == "out"
                    and pin.group == self.group
                    and pin.is_on()
                ):
                    return pin

    def switch(self, on, ms=None):
        """Drive the pin; after `ms` milliseconds it goes to the other state by itself."""
        global changed_at
        if ms is None and on and self.max_on:
            ms = self.max_on
        timed = self.until
        self.until = None  # what takes memory comes before anything has changed
        self.back = not on
        self.level(on)
        changed_at = ticks_ms()  # after it, so that no pulse is shorter than it was asked
        if ms is not None:
            self.until = ticks_add(changed_at, ms)
        retained.keep_pin(self.number, on, ms is not None)
        if timed is not None or ms is not None:
            _arm()

    def ms_left(self):
        until = self.until  # read once: its timer may end it at any jump
        if until is not None:
            return max(0, ticks_diff(until, ticks_ms()))


def named(text):
    """Return the pin that is called so (bytes), or None."""
    at = names.find(b" %s " % text)
    if at >= 0 and text.find(b" ") < 0 and text != b"\n":
        return pins[names.count(b"\n", 0, at)]


def find(text):
    """Return the pin that `text` names: b"2", b"D4" or b"led".  Raises Refusal."""
    pin = named(text) or named(text.upper())
    if pin is None:
        raise cold("explain").refusal(text)
    return pin


def change(pin, on, ms):
    """Switch an output on or off, for `ms` milliseconds or (None) for good.  Raises Refusal."""
    global _busy
    _busy = True
    try:
        if ms is not None or not pin.plain:
            cold("limits").check(pin, on, ms)
        pin.switch(on, ms)
    finally:
        _busy = False


def _arm():
    """Set the timer for the next timed output that ends."""
    soonest = None
    for pin in pins:
        left = pin.ms_left()
        if left is not None and (soonest is None or left < soonest):
            soonest = left
    if soonest is None:
        _timer.deinit()
    else:
        _timer.init(mode=Timer.ONE_SHOT, period=max(1, soonest), callback=expire)


def expire(timer=_timer):
    """End the timed outputs whose time is over.

    The interpreter calls this between two bytecodes, whatever asyncio is doing; and the server once
    a second, since an interrupt that finds the scheduler full is lost (py/scheduler.c).
    """
    global _busy
    if _busy:  # an interlock is being checked: nothing may come on now
        timer.init(mode=Timer.ONE_SHOT, period=1, callback=expire)
        return
    _busy = True
    try:
        for pin in pins:
            if pin.ms_left() == 0:
                pin.switch(pin.back and not pin.rival())
    finally:
        _busy = False
    _arm()
