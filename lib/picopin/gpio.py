"""The pins: read, drive, time, PWM, by the policy of config.PINS.

The only importer of machine's Pin, PWM and ADC.  States are logical: "on"
lights an active-low LED.  Every refusal is raised before anything has changed.
"""

import esp
from machine import ADC, PWM, Pin, Timer
from micropython import const
from utime import ticks_add, ticks_diff, ticks_ms

from picopin import chip, retained, store
from picopin.errors import Refusal
from picopin.chip import board_name

_DUTY = const(1023)  # PWM duty at full, ports/esp8266/machine_pwm.c

_busy = False  # a request is between its check and its switch
_withheld = {}  # GPIO -> why the policy's entry is not in force on this board
pins = []  # every usable pin of the policy, in config.py's order
_by_text = {}  # "2", "D4" and "led" -> the pin


class Basic:
    """What all pins have in common.  number: GPIO; name: the owner's, else the board's."""

    def __init__(self, entry):
        self.number = entry["pin"]
        self.name = entry.get("name") or board_name(self.number) or str(self.number)
        self.active_low = entry.get("active_low", False)

    def check(self, on, ms):
        """Raise Refusal unless the pin may be switched."""
        raise Refusal("not_an_output", "pin", None, (self.name,))

    def check_pwm(self, duty, freq):
        """Raise Refusal unless the pin takes `duty` and `freq`."""
        raise Refusal("not_pwm", "pin", None, (self.name,))

    def ms_left(self):
        """Return the milliseconds until a timed state ends, or None."""
        return None

    def is_on(self):
        return bool(self.pin.value()) != self.active_low


class Output(Basic):
    """An output that is on or off."""

    mode = "out"
    until = None  # ticks at which it goes to `back`
    back = False

    def __init__(self, entry, cause, last):
        super().__init__(entry)
        self.max_on = entry.get("max_on")
        self.group = entry.get("group")
        self.read_only = entry.get("read_only", False)
        self.last = entry.get("boot") == "last"
        on = _boot_state(self, entry.get("boot", "off"), cause, last)
        self.pin = Pin(self.number) if on is None else _level(self, on)

    def check(self, on, ms):
        if self.read_only:
            raise Refusal("read_only", "pin", None, (self.name,))
        limit = int((self.max_on or chip.MAX_FOR) * 1000)
        if ms is not None and ms > limit:
            raise Refusal("for_too_long", "for", None, (limit / 1000,))
        rival = on and self._rival()
        if rival:
            raise Refusal("interlocked", "pin", None, (rival.name,))

    def _rival(self):
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
        return None

    def switch(self, on, ms=None):
        """Drive the pin; after `ms` milliseconds it goes to the other state by itself."""
        if ms is None and on and self.max_on:
            ms = int(self.max_on * 1000)
        self._drive(on)
        self.until = None if ms is None else ticks_add(ticks_ms(), ms)
        self.back = not on
        self._retain(on)
        _arm()

    def _drive(self, on):
        global _changed_at
        _level(self, on)
        _changed_at = ticks_ms()

    def _retain(self, on):
        bits = retained.KNOWN | (retained.ON if on else 0)
        retained.keep_pin(self.number, bits if self.until is None else bits | retained.TIMED)

    def expire(self):
        """The time of a timed state is over: go to the other one, unless a rival is on."""
        self.switch(self.back and not self._rival())

    def ms_left(self):
        return None if self.until is None else max(0, ticks_diff(self.until, ticks_ms()))


class Pwm(Basic):
    """An output with a duty from 0 to 1023; all PWM pins of the chip share one frequency."""

    mode = "pwm"
    freq = 1000  # Hz, of all of them
    read_only = False

    def __init__(self, entry, cause, last):
        super().__init__(entry)
        self.read_only = entry.get("read_only", False)
        on = entry.get("boot", "off") == "on"
        self.duty = _DUTY if on else 0
        self.pin = _level(self, on)
        self.pwm = None

    def check(self, on, ms):
        if self.read_only:
            raise Refusal("read_only", "pin", None, (self.name,))
        if ms is not None:
            raise Refusal("for_not_here", "for")

    def check_pwm(self, duty, freq):
        self.check(True, None)

    def switch(self, on, ms=None):
        self.set_pwm(_DUTY if on else 0, None)

    def set_pwm(self, duty, freq):
        """Set duty (0 to 1023) and the shared frequency (1 to 1000 Hz); None keeps either."""
        if freq is not None:
            Pwm.freq = freq
        if duty is not None:
            self.duty = duty
        raw = _DUTY - self.duty if self.active_low else self.duty
        if self.pwm is None:
            self.pwm = PWM(Pin(self.number), freq=Pwm.freq, duty=raw)
        else:
            self.pwm.init(freq=Pwm.freq, duty=raw)

    def is_on(self):
        return self.duty > 0


class Input(Basic):
    """An input; its edges are counted where the chip can interrupt on them (not GPIO16)."""

    mode = "in"
    edges = None

    def __init__(self, entry, cause, last):
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
        if ticks_diff(now, self.since) >= self.debounce:
            self.since = now
            self.settled = pin.value()
            self.edges += 1

    def is_on(self):
        bouncing = self.debounce and ticks_diff(ticks_ms(), self.since) < self.debounce
        return bool(self.settled if bouncing else self.pin.value()) != self.active_low


class Analog(Basic):
    """A0: 0 to 1024 for 0 to 1.0 V at the chip (ports/esp8266/machine_adc.c)."""

    mode = "analog"

    def __init__(self, entry, cause, last):
        super().__init__(entry)
        self.full_scale = entry.get("full_scale", 3.3)  # volts at the board's A0 for 1024
        self.adc = ADC(0)

    def read(self):
        """Return (0 to 1024, volts)."""
        value = self.adc.read()
        return value, value * self.full_scale / 1024


_KINDS = {"out": Output, "pwm": Pwm, "in": Input, "analog": Analog}


def _level(pin, on):
    # value= sets the level before the pin becomes an output, so it never glitches;
    # without it GPIO16 would be driven high (ports/esp8266/machine_pin.c).
    return Pin(pin.number, Pin.OUT, value=on != pin.active_low)


def _boot_state(pin, boot, cause, last):
    """Return the logical level an output starts with, or None to leave it alone."""
    kept = retained.pin(pin.number)
    if kept and cause in WARM:
        return bool(kept & retained.ON) and not kept & retained.TIMED
    if boot == "last":
        return last.get(pin.number, False)
    return {"on": True, "off": False}.get(boot)


WARM = (1, 2, 3, 4)  # reset causes with the power on: watchdogs, exception, software


def start(entries, cause):
    """Bring every pin of the policy to its boot level.

    entries: from check.load.  cause: machine.reset_cause().
    """
    retained.load()
    last = _saved_states()
    for entry in entries:
        if entry["pin"] in (9, 10) and _flash_is_quad():
            _withheld[entry["pin"]] = _QUAD
            continue
        pin = _KINDS[entry["mode"]](entry, cause, last)
        pins.append(pin)
        for text in (str(pin.number), board_name(pin.number), pin.name):
            if text and not (text == "17"):
                _by_text[text] = pin


_QUAD = "the flash uses it in its QIO or QOUT mode: flash the firmware in DIO mode"


def _flash_is_quad():
    """Return True when the flash uses GPIO9 and 10: byte 2 of its header, 0 QIO or 1 QOUT."""
    return esp.flash_read(0, 4)[2] < 2


def find(text):
    """Return the pin that `text` names: "2", "D4" or "led".  Raises Refusal."""
    pin = _by_text.get(text)
    if pin is not None:
        return pin
    number = chip.BOARD.get(text.upper())
    if number is None:
        if text.isdigit() and (text == "0" or text[0] != "0"):
            number = int(text) if len(text) < 4 else 999
        elif not chip.is_word(text):
            raise Refusal("bad_pin", "pin", names())
        else:
            raise Refusal("no_such_pin", "pin", names(), (text,))
    if number != chip.ANALOG and not chip.exists(number):
        raise Refusal("no_such_pin", "pin", names(), (text[:8],))
    raise Refusal("not_allowed", "pin", names(), (number, why_not(number)))


def change(pin, on, ms):
    """Switch an output on or off, for `ms` milliseconds or (None) for good.  Raises Refusal."""
    global _busy
    _busy = True
    try:
        pin.check(on, ms)
        pin.switch(on, ms)
    finally:
        _busy = False


def why_not(number):
    """Return why clients may not use GPIO `number`, or None where they may."""
    if str(number) in _by_text:
        return None
    return _withheld.get(number) or chip.refused(number) or "it is not in config.py's PINS"


def change(pin, on, ms):
    """Switch an output on or off, for `ms` milliseconds or (None) for good.  Raises Refusal."""
    global _busy
    _busy = True
    try:
        pin.check(on, ms)
        pin.switch(on, ms)
    finally:
        _busy = False


def refused():
    """Yield (GPIO number, why) for each pin of the chip that is not to be had."""
    for number in range(17):
        if str(number) not in _by_text:
            yield (
                number,
                policy.refused(number) or _withheld.get(number) or "it is not in config.py's PINS",
            )


def names():
    """Return the names of all pins of the policy."""
    return [pin.name for pin in pins]


# -- boot="last": states that outlive a power cut

_FILE = "/pins.saved"
_SETTLE_MS = const(5000)  # how long the pins must have rested before flash is written
_SELDOM_MS = const(60000)  # and how long since it was written: it wears out
_saved = {}
_changed_at = _saved_at = 0  # ticks


def _saved_states():
    """Return the saved states, GPIO number to bool; remembers them as what is in flash."""
    global _saved
    for word in (store.load(_FILE) or b"").split():
        _saved[int(word[1:])] = word[:1] == b"+"
    return _saved


def save_states():
    """Save the states of pins with boot="last" if they changed, rested and it is time."""
    global _saved, _saved_at
    states = {p.number: p.is_on() for p in pins if p.mode == "out" and p.last and p.until is None}
    now = ticks_ms()
    if states == _saved or ticks_diff(now, _changed_at) < _SETTLE_MS:
        return
    if _saved_at and ticks_diff(now, _saved_at) < _SELDOM_MS:
        return
    store.save(_FILE, b" ".join(b"%s%d" % ("+" if on else "-", n) for n, on in states.items()))
    _saved = states
    _saved_at = now or 1


# -- timed outputs: one hardware timer, set for whichever ends first

_timer = Timer(-1)


def _arm():
    """Set the timer for the next timed output that ends."""
    left = [ms for ms in (pin.ms_left() for pin in pins) if ms is not None]
    if left:
        _timer.init(mode=Timer.ONE_SHOT, period=max(1, min(left)), callback=_expire)
    else:
        _timer.deinit()


def _expire(timer):
    # Called by the interpreter between two bytecodes, whatever asyncio is doing.
    if _busy:  # an interlock is being checked: nothing may come on now
        _timer.init(mode=Timer.ONE_SHOT, period=1, callback=_expire)
        return
    for pin in pins:
        if pin.ms_left() == 0:
            pin.expire()
    _arm()
