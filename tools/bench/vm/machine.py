# Stands in for the chip's `machine` in the bench: a pin is a number that is kept, and no timer
# fires. Every server of the bench drives the same one; rules of the chip are tools/board's.
_levels = bytearray(18)
_levels[0] = _levels[2] = 1  # high at power-up, or the chip would not start from flash


class Pin:
    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, number, mode=-1, pull=None, value=None):
        self.number = number
        if value is not None:
            _levels[number] = value

    def value(self, level=None):
        if level is None:
            return _levels[self.number]
        _levels[self.number] = level

    def irq(self, handler=None, trigger=3):
        pass


class PWM:
    def __init__(self, pin, freq=-1, duty=-1):
        pass

    init = __init__


class ADC:
    def __init__(self, number):
        pass

    def read(self):
        return 512


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, number):
        pass

    def init(self, mode=1, period=-1, callback=None):
        pass

    def deinit(self):
        pass


class RTC:
    _kept = bytearray()

    def memory(self, data=None):
        if data is None:
            return RTC._kept
        RTC._kept = bytearray(data)


def reset():
    raise SystemExit


def reset_cause():
    return 0


def unique_id():
    return b"\x00\x0a\x1b\x2c"


def freq(hertz=None):
    return 80000000
