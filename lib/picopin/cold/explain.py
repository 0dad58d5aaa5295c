"""Pins that clients may not use: the refusal, and why."""

from picopin import Refusal, cold, gpio

chip = cold("chip")

_UNLISTED = "it is not in config.py's PINS"


def refusal(text):
    """Return the Refusal for `text` (bytes), which names no pin of the policy."""
    try:
        text = text.decode()
    except UnicodeError:
        return Refusal("bad_pin", "pin", names())
    number = chip.printed(text)
    if number is None:
        if text.isdigit() and (text == "0" or text[0] != "0"):
            number = int(text) if len(text) < 4 else 999
        elif not chip.is_word(text):
            return Refusal("bad_pin", "pin", names())
        if number is None or not chip.exists(number):
            return Refusal("no_such_pin", "pin", names(), (text[:16],))
    return Refusal("not_allowed", "pin", names(), (text, why_not(number)))


def why_not(number):
    """Return why clients may not use GPIO `number`, or None where they may."""
    if gpio.named(b"%d" % number):
        return None
    return gpio.withheld.get(number) or chip.refused(number) or _UNLISTED


def names():
    """Return the names of all pins of the policy."""
    return [pin.name for pin in gpio.pins]


def refused():
    """Return (GPIO, why) of all that clients may not use."""
    return [(number, why_not(number)) for number in range(17) if why_not(number)]
