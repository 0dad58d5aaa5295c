"""A0: what it reads."""

from umachine import ADC


def read(pin):
    """Return (0 to 1024 for 0 to 1.0 V at the chip, volts at the board's pin).

    ports/esp8266/machine_adc.c; pin.full_scale: volts at the board's pin that read 1024.
    """
    value = ADC(0).read()
    return value, value * pin.full_scale / 1024
