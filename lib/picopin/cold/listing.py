"""The pins as JSON has them, from snapshots of them.  Held while a slow client takes the list."""

import ujson as json

from picopin import gpio

_WORD = ("off", "on")


def pins(snapshots, refused):
    """Yield the list in pieces; snapshots: of cold.snapshot, refused: of cold.explain."""
    yield '{"pins": ['
    comma = ""
    for at, snapshot in enumerate(snapshots):
        yield comma
        yield described(at, snapshot)
        comma = ", "
    yield '], "refused": ['
    comma = ""
    for number, why in refused:
        yield comma
        yield json.dumps({"pin": number, "reason": why})
        comma = ", "
    yield "]}"


def board_name(at):
    """Return the name printed on the board, or None: in a line of gpio.names, before the pin's."""
    return gpio.names.split(b"\n", at + 1)[at].split(b" ")[-3].decode() or None


def facts(pin, value, ms, more):
    """Return the pin's number, name and state as a dict; what follows `pin` is its snapshot."""
    answer = {"pin": pin.number, "name": pin.name}
    if pin.mode == "analog":
        answer["pin"] = "A0"
        answer["value"], answer["volts"] = value
        return answer
    answer["state"] = _WORD[value]
    if pin.mode == "pwm":
        answer["duty"], answer["freq"] = more
    elif more is not None:
        answer["edges"] = more
    return answer


def described(at, snapshot):
    """Return all that a client may know of gpio.pins[at], as JSON.

    Its times are added to the text: a float of the chip prints six digits.
    """
    pin = gpio.pins[at]
    answer = facts(pin, *snapshot)
    answer["mode"] = pin.mode
    answer["can"] = ["read"]
    if pin.mode in ("out", "pwm") and not pin.read_only:
        answer["can"] += ["on", "off", "toggle", "for" if pin.mode == "out" else "duty"]
    if pin.mode != "analog":
        answer["board"] = board_name(at)
        answer["active_low"] = pin.active_low
    times = ""
    if pin.mode == "out":
        answer["group"] = pin.group
        if pin.max_on is None:
            answer["max_on"] = None
        else:
            times = _time("max_on", pin.max_on)
        if snapshot[1] is not None:
            times += _time("remaining", snapshot[1])
    text = json.dumps(answer)
    return text[:-1] + times + "}" if times else text


def _time(name, ms):
    return ', "%s": %d.%03d' % (name, ms // 1000, ms % 1000)
