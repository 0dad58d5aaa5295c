"""machine.Pin, PWM and ADC: thin objects, their rules are in the host's pins.py.

Pins and the ADC are made once, up front: on the chip they lie in flash and `Pin(2)` allocates
nothing (ports/esp8266/machine_pin.c, pyb_pin_obj).
"""

import bus
import events
import ops
from umachine import PinBase

_NUMBERS = (0, 1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 15, 16)


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


def _make_adc(channel):
    adc = object.__new__(ADC)
    adc._id = channel
    return adc


for _number in _NUMBERS:
    _pins[_number] = _make_pin(_number)
    events.handlers[events.UNITS * ops.EVENT_PIN + _number % events.UNITS] = _interrupt
_adcs = (_make_adc(0), _make_adc(1))
