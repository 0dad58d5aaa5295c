"""The pins, as they are shown."""

import json

from picopin import cold, gpio

_WORD = ("off", "on")


def pins(refused):
    """Return a long answer, as web.Server has it; refused: as cold.explain has it."""
    return _pins, ([snapshot(pin) for pin in gpio.pins], refused)


def _pins(snapshots, refused):
    yield '{"pins": ['
    comma = ""
    for at, snapshot in enumerate(snapshots):
        yield comma
        yield json.dumps(_described(at, snapshot))
        comma = ", "
    yield '], "refused": ['
    comma = ""
    for number, why in refused:
        yield comma
        yield json.dumps({"pin": number, "reason": why})
        comma = ", "
    yield "]}"


def shown():
    """Return of every pin: the pin, the board's name for it, and its snapshot, as one tuple."""
    return [(pin, _board_name(at)) + snapshot(pin) for at, pin in enumerate(gpio.pins)]


def _board_name(at):
    """Return the name printed on the board, or None: in a line of gpio.names, before the pin's."""
    return gpio.names.split(b"\n", at + 1)[at].split(b" ")[-3].decode() or None


def one(pin):
    """Return all that a client may know of a pin, as a dict."""
    return _described(gpio.pins.index(pin), snapshot(pin))


def snapshot(pin):
    """Return what may change from one moment to the next.

    A tuple: on, or A0's (value, volts); milliseconds left or None; a PWM's
    (duty, freq), the edges counted at an input, or None.
    """
    more = (pin.duty, pin.freq) if pin.mode == "pwm" else getattr(pin, "edges", None)
    return (cold("analog").read(pin) if pin.mode == "analog" else pin.is_on()), pin.ms_left(), more


def facts(pin, value, ms, more):
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
        answer["duty"], answer["freq"] = more
    elif more is not None:
        answer["edges"] = more
    return answer


def _described(at, snapshot):
    """Return all that a client may know of gpio.pins[at], as a dict."""
    pin = gpio.pins[at]
    answer = facts(pin, *snapshot)
    answer["mode"] = pin.mode
    answer["can"] = ["read"]
    if pin.mode in ("out", "pwm") and not pin.read_only:
        answer["can"] += ["on", "off", "toggle", "for" if pin.mode == "out" else "duty"]
    if pin.mode != "analog":
        answer["board"] = _board_name(at)
        answer["active_low"] = pin.active_low
    if pin.mode == "out":
        answer["max_on"] = pin.max_on
        answer["group"] = pin.group
    return answer
