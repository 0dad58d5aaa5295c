"""Runs first at each start: pins to their boot level, then Wi-Fi.

Returns within a second and never raises: MicroPython would not run main.py then.
"""

import sys

# Where the firmware lies is searched first: a module that is not found in "" has been looked for on
# LittleFS, through a block device in Python, which takes 1.5 kB of the chip's 8 kB of stack.
if "/rom/lib" in sys.path:
    sys.path.remove("/rom/lib")
    sys.path.insert(0, "/rom/lib")

try:
    from umachine import reset_cause

    from picopin import cold

    try:
        import config
    except Exception as e:  # a typing mistake in config.py must not lock its owner out
        cold("safety").note(e)
        config = None
    current = cold("check").load(config)
    cold("safety").look(current, reset_cause())
    # In safe mode outputs start as after power-on: at their boot level.
    cold("pinmap").start(current.PINS, 0 if current.trouble else reset_cause())
    current.PINS = config = None  # the pins have taken what they need of it
    sys.modules.pop("config", None)

    from picopin.log import log

    for mistake in current.mistakes:
        log.error("config.py: %s", mistake)
    cold("bringup").start(current)
except Exception as e:
    try:
        current = cold("safety").rescue(e)
    except Exception as worse:
        sys.print_exception(e)
        sys.print_exception(worse)
