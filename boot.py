"""Runs first at each start: pins to their boot level, then Wi-Fi.

Returns within a second and never raises: MicroPython would not run main.py then.
"""

import sys

try:
    from machine import reset_cause

    import picopin
    from picopin import check, gpio

    try:
        import config
    except Exception as e:  # a typing mistake in config.py must not lock its owner out
        sys.print_exception(e)
        config = None
    current = check.load(config)
    gpio.start(current.PINS, reset_cause())
    if config:
        config.PINS = current.PINS = None  # the pins have taken what they need of it

    # Its work is done, and an eighth of the heap is its: the one module that is forgotten.
    del sys.modules["picopin.check"], picopin.check, check

    from picopin import net

    for mistake in current.mistakes:
        net.log.error("config.py: %s", mistake)
    net.start(current)
except Exception as e:
    sys.print_exception(e)
