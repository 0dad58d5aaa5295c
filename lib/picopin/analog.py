"""A0.  Loaded only where config.PINS has it."""

from machine import ADC

from picopin.gpio import Basic


class Analog(Basic):
    """A0: 0 to 1024 for 0 to 1.0 V at the chip (ports/esp8266/machine_adc.c)."""

    mode = "analog"

    def __init__(self, entry):
        super().__init__(entry)
        self.full_scale = entry.get("full_scale", 3.3)  # volts at the board's A0 for 1024
        self.adc = ADC(0)

    def read(self):
        """Return (0 to 1024, volts)."""
        value = self.adc.read()
        return value, value * self.full_scale / 1024
