"""What is asked of a pin beyond plain on and off: times, duties, toggling, reading by HEAD."""

from picopin import Refusal, api, cold, gpio

_QUERY = ("pin", "state", "for", "duty", "freq", "token")
_STATES = {b"on": True, b"off": False, b"1": True, b"0": False}
_ON_OFF = ["on", "off"]
_BY_POST = b"Allow: POST, PUT\r\n"


def check(asked):
    """Refuse parameters that GET / does not have, or has no use for without a pin."""
    cold("query").only(asked, _QUERY)
    if "pin" not in asked:
        raise Refusal("missing", "pin", cold("explain").names(), ("pin",))


def act(req, pin, asked):
    """Do to `pin` what `asked` says: set, time, PWM, or only read.

    Returns the state that it was asked to have, or None.
    """
    ms = duty = freq = on = None
    if "for" in asked:
        ms = cold("limits").milliseconds(asked)
    if "duty" in asked or "freq" in asked:
        values = cold("values")
        duty = values.number(asked, "duty", 0, 1023)
        freq = values.number(asked, "freq", 1, 1000)
    if "state" in asked:
        if duty is not None or freq is not None:
            raise Refusal("bad_mix", "state")
        on = _wanted(req, pin, asked["state"])
        api.check_change(req)
        if req.method == "HEAD":  # all that a GET would check, and nothing done
            cold("limits").check(pin, on, ms)
        else:
            gpio.change(pin, on, ms)
    elif ms is not None:
        raise Refusal("missing", "state", _ON_OFF, ("a state to go with for",))
    elif duty is not None or freq is not None:
        api.check_change(req)
        cold("limits").check_pwm(pin)
        if req.method != "HEAD":
            pin.set_pwm(duty, freq)
    return on


def _wanted(req, pin, state):
    """Return True or False for what `state` asks of the pin."""
    on = _STATES.get(state) if isinstance(state, bytes) else None
    if on is not None:
        return on
    if state != b"toggle":
        raise Refusal("bad_state", "state", _ON_OFF)
    if req.method in ("GET", "HEAD") and not req.server.settings.TOGGLE_BY_GET:
        raise Refusal("toggle_by_get", "state", _ON_OFF, (), _BY_POST)
    if pin.mode == "analog":
        cold("limits").check(pin, True, None)
    return not pin.is_on()
