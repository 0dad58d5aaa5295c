"""Outputs with a duty.  Loaded only where config.PINS has one."""

from micropython import const
from umachine import PWM, Pin

from picopin.gpio import Output

_DUTY = const(1023)  # at full, ports/esp8266/machine_pwm.c


class Pwm(Output):
    """An output with a duty from 0 to 1023; all PWM pins of the chip share one frequency."""

    mode = "pwm"
    freq = 1000  # Hz, of all of them
    pwm = None  # made at the first duty

    def __init__(self, entry, on):
        super().__init__(entry, bool(on))
        self.plain = False
        self.duty = _DUTY if on else 0

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
