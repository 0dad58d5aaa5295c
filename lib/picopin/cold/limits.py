"""What a pin may be asked to do, by its policy, and for how long.

A float of the chip holds six digits, and 1.3 times 1000 is less than 1300 there: so decimal
text becomes milliseconds and back digit by digit.
"""

from micropython import const

from picopin import Refusal

_MAX_FOR = const(86400000)  # ms: the longest `for=`, where max_on does not say less


def check(pin, on, ms):
    """Raise Refusal unless the pin may be switched `on` for `ms` milliseconds or None."""
    if pin.mode == "pwm":
        check_pwm(pin)
        if ms is not None:
            raise Refusal("for_not_here", "for")
        return
    if pin.mode != "out":
        raise Refusal("not_an_output", "pin", None, (pin.name,))
    if pin.read_only:
        raise Refusal("read_only", "pin", None, (pin.name,))
    longest = pin.max_on or _MAX_FOR
    if ms is not None and ms > longest:
        raise Refusal("for_too_long", "for", None, (_seconds(longest),))
    rival = on and pin.rival()
    if rival:
        raise Refusal("interlocked", "pin", None, (rival.name,))


def check_pwm(pin):
    """Raise Refusal unless the pin takes a duty."""
    if pin.mode != "pwm":
        raise Refusal("not_pwm", "pin", None, (pin.name,))
    if pin.read_only:
        raise Refusal("read_only", "pin", None, (pin.name,))


def milliseconds(asked):
    """Return `for` (seconds, bytes like b"0.5" or a number) in milliseconds."""
    ms = whole_ms(asked["for"])
    if ms < 10:
        raise Refusal("bad_for", "for")
    return ms


def whole_ms(seconds):
    """Return `seconds` (bytes like b"0.5", or a number) in milliseconds, rounded; 0 if it is none.

    Of a number its text counts, which has the digits that it was written with.
    """
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
        seconds = str(seconds).encode()
    if isinstance(seconds, bytes):
        parts = seconds.split(b".")
        if len(parts) <= 2 and len(parts[0]) <= 6 and all(part.isdigit() for part in parts):
            tenths = int((parts[1] + b"0000")[:4]) if len(parts) == 2 else 0
            return int(parts[0]) * 1000 + (tenths + 5) // 10
    return 0


def _seconds(ms):
    return ("%d.%03d" % (ms // 1000, ms % 1000)).rstrip("0").rstrip(".")
