"""The chip's `machine`: thin objects, each rule is in the host (pins.py, clock.py, board.py).

Pins, the ADC, the RTC and the WDT are made once, up front: on the chip they lie in flash and
`Pin(2)` allocates nothing (ports/esp8266/machine_pin.c, pyb_pin_obj).
"""

import bus
import events
import ops
from micropython import heap_lock, heap_unlock
from sys import exit
from umachine import PinBase, Signal, idle, mem8, mem16, mem32, time_pulse_us
from utime import sleep_ms

PWRON_RESET = 0
WDT_RESET = 1
SOFT_RESET = 4
DEEPSLEEP_RESET = 5
HARD_RESET = 6
DEEPSLEEP = 4


class Pin(PinBase):
    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __new__(cls, id, mode=-1, pull=None, *, value=-1):
        pin = id if isinstance(id, Pin) else _pin(id)
        if mode >= 0:
            pin.init(mode, pull, value=value)
        elif pull is not None or value != -1:
            raise TypeError("'mode' argument required")
        return pin

    def init(self, mode, pull=None, *, value=-1):
        level = 0 if value == -1 else 2 if value else 1
        bus.call(ops.PIN_INIT, self._id, mode, (pull or 0) | level << 8)

    def value(self, x=None):
        if x is None:
            return bus.call(ops.PIN_GET, self._id)
        bus.call(ops.PIN_SET, self._id, 1 if x else 0)

    __call__ = value

    def on(self):
        bus.call(ops.PIN_SET, self._id, 1)

    def off(self):
        bus.call(ops.PIN_SET, self._id, 0)

    def toggle(self):
        bus.call(ops.PIN_TOGGLE, self._id)

    def irq(self, handler=None, trigger=3, hard=False):
        if hard:
            raise ValueError("hard IRQ not supported")
        bus.call(ops.PIN_IRQ, self._id, trigger if handler else 0)
        self._handler = handler
        return _Irq(self)

    def __repr__(self):
        return "Pin(%d)" % self._id


class _Irq:
    def __init__(self, pin):
        self._pin = pin

    def __call__(self):
        _interrupt(self._pin._id)

    def trigger(self, mask=-1):
        return bus.call(ops.PIN_IRQ_TRIGGER, self._pin._id, mask)


def _make_pin(number):
    pin = object.__new__(Pin)
    pin._id = number
    pin._handler = None
    return pin


_pins = {}


def _pin(number):
    pin = _pins.get(number)
    if pin is None:
        raise ValueError("invalid pin")
    return pin


def _interrupt(number):
    pin = _pins[number]
    if pin._handler:
        pin._handler(pin)


class PWM:
    def __init__(self, pin, freq=-1, duty=-1, duty_u16=-1, duty_ns=-1):
        self._id = Pin(pin)._id
        self.init(freq, duty, duty_u16, duty_ns)

    def init(self, freq=-1, duty=-1, duty_u16=-1, duty_ns=-1):
        if duty_u16 != -1:
            duty = duty_u16 * 1000 // 65535  # the port's own formula (machine_pwm.c)
        bus.call(ops.PWM_INIT, self._id, freq, duty)
        if duty_ns != -1:
            self.duty(duty_ns * self.freq() // 1000000)

    def deinit(self):
        bus.call(ops.PWM_DEINIT, self._id)

    def freq(self, value=-1):
        freq = bus.call(ops.PWM_FREQ, self._id, value)
        return freq if value == -1 else None

    def duty(self, value=-1):
        duty = bus.call(ops.PWM_DUTY, self._id, value)
        return duty if value == -1 else None

    def duty_u16(self, value=-1):
        if value == -1:
            return self.duty() * 65535 // 1024
        self.duty(value * 1024 // 65535)

    def duty_ns(self, value=-1):
        if value == -1:
            return self.duty() * 976563 // self.freq()
        self.duty(value * self.freq() // 976562)

    def __repr__(self):
        return "PWM(%d, freq=%d, duty=%d)" % (self._id, self.freq(), self.duty())


class ADC:
    def __new__(cls, id):
        if id not in (0, 1):
            raise ValueError("ADC(%d) doesn't exist" % id)
        return _adcs[id]

    def read(self):
        return bus.call(ops.ADC_READ, self._id)

    def read_u16(self):
        return self.read() * 65535 // 1024


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
        if us > 0x3FFFFFFF:
            bus.call(ops.TIMER_START, self._unit, us // 1000, mode | 2)
        else:
            bus.call(ops.TIMER_START, self._unit, us, mode)

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


def reset():
    bus.call(ops.RESET, 0, ops.RESET_SOFTWARE)


soft_reset = exit  # extmod/modmachine.c: it is sys.exit, which ends main.py and no more


def deepsleep(ms=0):
    bus.call(ops.RESET, 0, ops.RESET_DEEPSLEEP, ms)


def lightsleep(ms=0):
    sleep_ms(ms)


sleep = lightsleep


def reset_cause():
    return bus.call(ops.RESET_CAUSE)


def unique_id():
    return bus.fetch(ops.UNIQUE_ID)


def freq(hz=0):
    if not hz:
        return bus.call(ops.CHIP_FREQ) * 1000000
    bus.call(ops.CHIP_FREQ, 0, hz // 1000000)


def disable_irq():
    return 0


def enable_irq(state=0):
    pass


def _single(kind, id=0):
    single = object.__new__(kind)
    single._id = id
    return single


for _number in (0, 1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 15, 16):
    _pins[_number] = _make_pin(_number)
    events.handlers[events.UNITS * ops.EVENT_PIN + _number % events.UNITS] = _interrupt
for _number in range(events.UNITS):
    events.handlers[events.UNITS * ops.EVENT_TIMER + _number] = _fire
_adcs = (_single(ADC, 0), _single(ADC, 1))
_rtc = _single(RTC)
_wdt = _single(WDT)
