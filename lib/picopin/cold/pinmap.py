"""The policy of config.PINS made into pins, at boot."""

import esp
from micropython import const
from umachine import Pin

from picopin import cold, gpio, retained

chip = cold("chip")

_WARM = (1, 2, 3, 4)  # reset causes with the power on: watchdogs, exception, software
_ASKED = const(1)  # of a pin's byte in picopin.retained
_BOOT = const(8)
_LEVELS = {"on": True, "off": False}  # and "leave": None
_QUAD = "the flash uses it in its QIO or QOUT mode: flash the firmware in DIO mode"


def start(entries, cause):
    """Bring every pin of the policy to its boot level.

    entries: as check.load gives them.  cause: machine.reset_cause().
    """
    cold("remembered").load()
    for entry in entries:
        number = entry["pin"]
        if number in (9, 10) and esp.flash_read(0, 4)[2] < 2:
            # Byte 2 of the flash header: 0 QIO, 1 QOUT, 2 DIO, 3 DOUT.
            gpio.withheld[number] = _QUAD
            continue
        board = chip.board_name(number)
        if not entry.get("name"):
            entry["name"] = board or str(number)
        gpio.pins.append(_make(entry, cause))
        called = " " if number == chip.ANALOG else " %d " % number
        gpio.names += ("%s%s %s \n" % (called, board or "", entry["name"])).encode()


def _make(entry, cause):
    mode = entry["mode"]
    if mode == "in":
        from picopin import inputs

        return inputs.Input(entry)
    if mode == "analog":
        pin = gpio.Basic(entry)
        pin.mode = mode
        pin.full_scale = entry.get("full_scale", 3.3)
        return pin
    on = _first_state(entry, cause)
    if entry.get("max_on"):
        entry["max_on"] = cold("limits").whole_ms(entry["max_on"])
    if mode == "pwm":
        from picopin import pwm

        return pwm.Pwm(entry, on)
    if entry["pin"] == 16 and on is not None and cause not in _WARM:
        # It turns before it has its level (machine_pin.c, pin_set): as an input it takes one.
        Pin(16, Pin.IN, value=on != bool(entry.get("active_low")))
    pin = gpio.Output(entry, on)
    if entry.get("boot") == "last":
        from picopin import last

        pin.last = True
        gpio.saver = last.save
    return pin


def _first_state(entry, cause):
    """Return the logical level an output starts with, or None to leave it alone."""
    at = retained.PINS + entry["pin"]
    kept = retained.kept[at]
    if kept & _ASKED and cause in _WARM:
        on = bool(kept & retained.ON) and not kept & retained.TIMED
        retained.put(at, _ASKED | (retained.ON if on else 0))
        return on
    boot = entry.get("boot", "off")
    if boot == "last":
        from picopin import last

        on = last.load().get(entry["pin"], False)
    else:
        on = _LEVELS.get(boot)
    retained.put(at, 0 if on is None else _BOOT | (retained.ON if on else 0))
    return on
