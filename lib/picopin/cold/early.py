"""The first minute of a start: the watchdog, the held button, and that it has not failed."""

import umachine as machine
from micropython import const
from utime import sleep_ms

from picopin import gpio, net, retained

_BUTTON_S = const(10)  # in which a held button asks for safe mode
_LOOKS = const(20)
_LOOK_MS = const(50)


def guard():
    """Start the watchdog."""
    beat = {"mode": machine.Timer.PERIODIC, "period": net.BEAT_MS, "callback": net.beat}
    try:
        # Only a hard one ends a scan() that never returns (network_wlan.c, esp_scan).
        net.timer.init(hard=True, **beat)
    except (TypeError, ValueError):  # MicroPython has it since 1.27
        net.timer.init(**beat)


def second(app):
    """Called in each of the first ten seconds, for the button, and once after a minute."""
    if app.uptime > _BUTTON_S:
        retained.put(retained.BOOTS, 0)  # this start has not failed
    elif app.settings.trouble is None and _is_held():
        net.log.info("GPIO0 is held: restart into safe mode")
        net.restart(retained.BUTTON)


def _is_held():
    """Return True where the button stays down for a second, in which nothing else happens."""
    if gpio.named(b"0"):  # listed in config.PINS, it may be low for any reason
        return False
    button = machine.Pin(0)
    for _ in range(_LOOKS):
        if button.value():
            return False
        sleep_ms(_LOOK_MS)
    return True
