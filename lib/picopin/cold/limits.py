"""What a pin may be asked to do, by its policy."""

from micropython import const

from picopin import Refusal

_MAX_FOR = const(86400)  # seconds: the longest `for=`, where max_on does not say less


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
    if ms is not None and ms > round(longest * 1000):  # the chip's 1.3 * 1000 is less than 1300
        raise Refusal("for_too_long", "for", None, (longest,))
    rival = on and pin.rival()
    if rival:
        raise Refusal("interlocked", "pin", None, (rival.name,))


def check_pwm(pin):
    """Raise Refusal unless the pin takes a duty."""
    if pin.mode != "pwm":
        raise Refusal("not_pwm", "pin", None, (pin.name,))
    if pin.read_only:
        raise Refusal("read_only", "pin", None, (pin.name,))
