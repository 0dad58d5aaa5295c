"""The chip's pins: GPIO, PWM and the ADC.

Each rule is that of MicroPython's ports/esp8266/machine_pin.c, machine_pwm.c, esppwm.c and
machine_adc.c. Registers of the hardware (driver, latch, pull-up) and variables of the port
(`pin_mode`) are told apart, since a software reset clears only the latter.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.board import ops
from tools.board.bus import Bus, os_error, value_error
from tools.board.trace import Trace

DRIVER_PINS = (0, 1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 15, 16)  # machine_pin.c, pyb_pin_obj
PWM_PINS = (0, 2, 4, 5, 12, 13, 14, 15)  # esppwm.c, pin_num
PWM_DEPTH = 1023
PWM_FREQ_MAX = 1000  # Hz
PWM_FREQ_START = 500  # Hz, esppwm.c, pwm_init
ADC_MAX = 1024  # system_adc_read() answers 0 to 1024 for 0 to 1.0 V
ADC_SUPPLY = 65535  # system_get_vdd33() while the ADC is set to A0

IN, OUT, OPEN_DRAIN = range(3)
PULL_UP = 1
RISING, FALLING = 1, 2

# What a NodeMCU's resistors make of an open pin: the boot straps, and the idle serial line.
WIRED_HIGH = (0, 1, 2, 3)


def _nobody_looks() -> None:
    """What a pin tells of a change that is half done, until somebody wants to hear it."""


@dataclass
class Pin:
    """One pin: the port's variable, the registers, and the world around it."""

    number: int
    mode: int = IN  # pin_mode[] of the port
    drives: bool = False  # GPIO_ENABLE
    latch: int = 0  # GPIO_OUT
    pull_up: bool = False
    outside: int | None = None  # level at which something connected holds the pad, or None
    trigger: int = 0
    duty: int | None = None  # PWM runs where this is not None
    between: Callable[[], object] = _nobody_looks  # called between two registers of one change

    @property
    def level(self) -> int | None:
        """Level at the pad, which a load that holds it decides; None while PWM switches it."""
        if self.outside is not None:
            return self.outside
        driven = self.driven
        if self.duty is not None or driven is not None:
            return driven
        return int(self.pull_up or self.number in WIRED_HIGH)

    @property
    def driven(self) -> int | None:
        """Level that the chip drives; None while it drives none, or PWM switches it."""
        if self.duty is not None:
            return {0: 0, PWM_DEPTH: 1}.get(self.duty)
        return self.latch if self.drives else None

    @property
    def shown_mode(self) -> str:
        if self.duty is not None:
            return "pwm"
        if self.mode == OPEN_DRAIN:
            return "open_drain"
        return "out" if self.drives else "in"

    def set_outside(self, level: int | None) -> None:
        self.outside = level

    def init(self, mode: int, pull: int, level: int | None) -> None:
        """pyb_pin_obj_init_helper(): the mode is kept even where the pull is then refused."""
        self.mode = mode
        if self.number == 16:
            if pull:
                raise value_error("Pin(16) doesn't support pull")
        else:
            self.pull_up = bool(pull & PULL_UP)
        self.set(level)

    def set(self, level: int | None) -> None:
        """pin_set(): None is the port's -1, "leave the level"."""
        if self.number == 16:
            self._set_16(level)
        elif self.mode == IN:
            self.drives = False
        elif self.mode == OUT:
            self.drives = True
            self.latch = self.latch if level is None else level
        elif level is not None:  # open drain is made of input and low output
            self.drives = level == 0
            self.latch = self.latch if level else 0

    def _set_16(self, level: int | None) -> None:
        """RTC_GPIO_OUT is or'ed with the value, and -1 has the bit set: no value drives HIGH.

        RTC_GPIO_ENABLE is written first, so that the pad shows the old latch for a moment.
        """
        self.drives = self.mode == OUT
        self.between()
        self.latch = 1 if level is None else level


class Pins:
    """All pins, the one PWM clock they share, and A0."""

    def __init__(self, trace: Trace, interrupt: Callable[[int], None]) -> None:
        self.pins = {number: self._made(number) for number in DRIVER_PINS}
        self.frequency = 0  # Hz, 0: PWM was never used in this life
        self.adc = 0
        self._trace = trace
        self._interrupt = interrupt
        self._shown: dict[int, object] = {}  # by number: what the trace has of it
        self._show_all(quietly=True)

    def attach(self, bus: Bus) -> None:
        bus.on(ops.PIN_INIT, self._init)
        bus.on(ops.PIN_SET, self._set)
        bus.on(ops.PIN_GET, self._get)
        bus.on(ops.PIN_TOGGLE, self._toggle)
        bus.on(ops.PIN_IRQ, self._irq)
        bus.on(ops.PIN_IRQ_TRIGGER, self._irq_trigger)
        bus.on(ops.PWM_INIT, self._pwm_init)
        bus.on(ops.PWM_DEINIT, self._pwm_deinit)
        bus.on(ops.PWM_FREQ, self._pwm_freq)
        bus.on(ops.PWM_DUTY, self._pwm_duty)
        bus.on(ops.ADC_READ, lambda unit: ADC_SUPPLY if unit else self.adc)

    def state(self) -> dict[str, dict[str, object]]:
        """For the control socket: what an onlooker with a meter would see, and the settings."""
        return {
            str(pin.number): {
                "level": pin.level,
                "driven": pin.driven,
                "mode": pin.shown_mode,
                "duty": pin.duty,
                "freq": self.frequency if pin.duty is not None else None,
                "pull_up": pin.pull_up,
            }
            for pin in self.pins.values()
        }

    # What the world does.

    def set_outside(self, number: int, level: int | None) -> None:
        """Something connected holds the pad, against the chip's driver too, or lets go (None)."""
        self._change(self.pins[number], lambda pin: pin.set_outside(level))

    def power_off(self) -> None:
        """Power-on, the reset button and a wake-up find every pin an input."""
        for number, pin in self.pins.items():
            self.pins[number] = self._made(number, pin.outside)
        self.frequency = 0
        self._show_all()

    def software_reset(self) -> None:
        """Causes 2, 3 and 4: the port's variables go, the registers stay."""
        for pin in self.pins.values():
            self._stop_pwm(pin)
            pin.mode = IN
        self.frequency = 0
        self.interpreter_reset()
        self._show_all()

    def interpreter_reset(self) -> None:
        """pin_init0(): a soft reset takes the interrupts away, nothing else."""
        for pin in self.pins.values():
            pin.trigger = 0

    def _made(self, number: int, outside: int | None = None) -> Pin:
        pin = Pin(number, outside=outside)
        pin.between = lambda: self._show(pin)
        return pin

    # What the program does.

    def _pin(self, number: int) -> Pin:
        if number not in self.pins:
            raise value_error("invalid pin")
        return self.pins[number]

    def _change(self, pin: Pin, change: Callable[[Pin], None]) -> None:
        before = pin.level
        try:
            change(pin)
        finally:
            self._show(pin)
        edge = RISING if pin.level else FALLING
        if None not in (before, pin.level) and before != pin.level and pin.trigger & edge:
            self._interrupt(pin.number)

    def _init(self, number: int, mode: int, pull_and_level: int) -> None:
        level = (None, 0, 1)[pull_and_level >> 8]
        self._change(self._pin(number), lambda pin: pin.init(mode, pull_and_level & 0xFF, level))

    def _set(self, number: int, level: int) -> None:
        self._change(self._pin(number), lambda pin: pin.set(level))

    def _get(self, number: int) -> int:
        """pin_get() reads the pad (GPIO_IN, RTC_GPIO_IN_DATA), not what is driven."""
        pin = self._pin(number)
        level = pin.level
        return self._wave(pin) if level is None else level

    def _toggle(self, number: int) -> None:
        pin = self._pin(number)
        self._change(pin, lambda pin: pin.set(1 - pin.latch))

    def _irq(self, number: int, trigger: int) -> None:
        pin = self._pin(number)
        if number == 16:
            raise os_error("pin does not have IRQ capabilities")
        pin.trigger = trigger

    def _irq_trigger(self, number: int, trigger: int) -> int:
        pin = self._pin(number)
        before = pin.trigger
        pin.trigger = before if trigger < 0 else trigger
        return before

    # PWM.

    def _wave(self, pin: Pin) -> int:
        """The level at this instant of a pin that PWM switches."""
        phase = time.monotonic() * self.frequency % 1
        return int(phase * PWM_DEPTH < (pin.duty or 0))

    def _stop_pwm(self, pin: Pin) -> None:
        """pwm_delete(): the pin stays an output, at the level the wave had just then."""
        if pin.duty is not None:
            level = pin.driven
            pin.latch = self._wave(pin) if level is None else level
            pin.duty = None

    def _channel(self, number: int) -> Pin:
        """pwm_add(): the pin becomes an output with duty 0, unless it has its channel."""
        pin = self._pin(number)
        if number not in PWM_PINS:
            raise value_error(f"PWM not supported on pin {number}")
        self.frequency = self.frequency or PWM_FREQ_START
        if pin.duty is None:
            pin.duty = 0
            pin.drives = True
        return pin

    def _pwm_init(self, number: int, frequency: int, duty: int) -> None:
        self._channel(number)
        self._pwm_freq(number, frequency)
        self._pwm_duty(number, duty)

    def _pwm_deinit(self, number: int) -> None:
        pin = self._pin(number)
        self._stop_pwm(pin)
        self._show(pin)

    def _pwm_freq(self, _number: int, frequency: int) -> int:
        """pwm_set_freq(): out of range is brought into it, and every channel follows."""
        before = self.frequency
        if frequency != -1:
            self.frequency = min(max(frequency, 1), PWM_FREQ_MAX)
        if self.frequency != before:
            self._trace.event("pwm", freq=self.frequency)
        return self.frequency

    def _pwm_duty(self, number: int, duty: int) -> int:
        pin = self._channel(number)
        if duty != -1:
            pin.duty = min(max(duty, 0), PWM_DEPTH)
        self._show(pin)
        return pin.duty or 0

    # The trace.

    def _show_all(self, quietly: bool = False) -> None:
        for pin in self.pins.values():
            self._show(pin, quietly)

    def _show(self, pin: Pin, quietly: bool = False) -> None:
        seen = (pin.level, pin.shown_mode, pin.duty)
        held = pin.outside is not None and pin.driven not in (None, pin.level)
        more = {"driven": pin.driven} if held else {}
        if self._shown.get(pin.number) != (seen, more):
            self._shown[pin.number] = (seen, more)
            if not quietly:
                self._trace.pin(pin.number, *seen, **more)
