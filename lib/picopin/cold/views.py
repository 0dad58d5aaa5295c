"""What is shown of the board: /status, /log, /pins."""

import gc
import json

import machine

from picopin import VERSION, cold, gpio, net
from picopin.log import ring

_WORD = ("off", "on")
_CAUSES = (
    "power on",
    "hardware watchdog",
    "exception",
    "software watchdog",
    "restart",
    "wake",
    "reset button",
)


def status(app):
    """Return /status as a dict."""
    answer = net.status()
    answer["version"] = VERSION
    answer["uptime"] = app.uptime
    answer["reset"] = _CAUSES[machine.reset_cause()]
    gc.collect()
    free = gc.mem_free()
    app.lowest = min(app.lowest, free)
    answer["heap"] = {"free": free, "lowest": app.lowest}
    answer["requests"] = {
        "served": app.served,
        "refused": app.refused,
        "timed_out": app.timed_out,
        "faults": app.faults,
        "no_memory": app.no_memory,
        "open": len(app.open),
        "relistened": app.relistened,
    }
    answer["config"] = app.settings.mistakes
    return answer


def log():
    """Return what Response.send_pieces takes."""
    lines = [line for line in ring.text().split("\n") if line]

    def pieces():
        yield '{"lines": ['
        yield from _listed(lines)
        yield "]}"

    return (pieces,)


def pins():
    """Return what Response.send_pieces takes."""
    shown = [(pin, snapshot(pin)) for pin in gpio.pins]
    pinmap = cold.use("pinmap")

    def pieces():
        yield '{"pins": ['
        yield from _listed(describe(pin, *now) for pin, now in shown)
        yield '], "refused": ['
        refused = ((number, pinmap.why_not(number)) for number in range(17))
        yield from _listed({"pin": n, "reason": why} for n, why in refused if why)
        yield "]}"

    return (pieces,)


def _listed(values):
    comma = ""
    for value in values:
        yield comma
        yield json.dumps(value)
        comma = ", "


def snapshot(pin):
    """Return what may change from one moment to the next: (value, milliseconds left)."""
    return (pin.read() if pin.mode == "analog" else pin.is_on()), pin.ms_left()


def facts(pin, value, ms):
    """Return the pin's number, name and state as a dict."""
    answer = {"pin": pin.number, "name": pin.name}
    if pin.mode == "analog":
        answer["pin"] = "A0"
        answer["value"], answer["volts"] = value
        return answer
    answer["state"] = _WORD[value]
    if ms is not None:
        answer["remaining"] = ms / 1000
    if pin.mode == "pwm":
        answer["duty"] = pin.duty
        answer["freq"] = pin.freq
    elif pin.mode == "in" and pin.edges is not None:
        answer["edges"] = pin.edges
    return answer


def describe(pin, value, ms):
    """Return all that a client may know of a pin, as a dict."""
    answer = facts(pin, value, ms)
    answer["mode"] = pin.mode
    answer["can"] = ["read"]
    if pin.mode in ("out", "pwm") and not pin.read_only:
        answer["can"] += ["on", "off", "toggle", "for" if pin.mode == "out" else "duty"]
    if pin.mode != "analog":
        answer["board"] = cold.use("chip").board_name(pin.number)
        answer["active_low"] = pin.active_low
    if pin.mode == "out":
        answer["max_on"] = pin.max_on
        answer["group"] = pin.group
    return answer
