"""What may change of a pin from one moment to the next, for answers that take longer than that."""

from picopin import cold, gpio


def of(pin):
    """Return a tuple: on, or A0's (value, volts); milliseconds left or None; more.

    more: a PWM's (duty, freq), the edges counted at an input, or None.
    """
    more = (pin.duty, pin.freq) if pin.mode == "pwm" else getattr(pin, "edges", None)
    return (cold("analog").read(pin) if pin.mode == "analog" else pin.is_on()), pin.ms_left(), more


def pins():
    """Return one of every pin, in the order of gpio.pins."""
    return [of(pin) for pin in gpio.pins]


def shown():
    """Return of every pin: the pin, the board's name for it, and its snapshot, as one tuple."""
    name = cold("listing").board_name
    return [(pin, name(at)) + of(pin) for at, pin in enumerate(gpio.pins)]
