"""The chip's `machine`: what concerns the chip as a whole, and the objects of its parts."""

import bus
import ops
from clocks import RTC, WDT, Timer
from pads import ADC, PWM, Pin
from sys import exit
from umachine import Signal, idle, mem8, mem16, mem32, time_pulse_us
from utime import sleep_ms

PWRON_RESET = 0
WDT_RESET = 1
SOFT_RESET = 4
DEEPSLEEP_RESET = 5
HARD_RESET = 6
DEEPSLEEP = 4


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
