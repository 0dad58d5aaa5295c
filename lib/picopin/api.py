"""The routes, a short handler each: validate, act, return the answer."""

import gc
import machine
import re
import ujson as json
from utime import ticks_add, ticks_diff, ticks_ms

import uasyncio as asyncio

from picopin import VERSION, access, gpio, net, query, retained
from picopin.errors import Refusal
from picopin.log import log, ring
from picopin.response import Pieces, dumps, whole
from picopin.web import Server

_STATES = {"on": True, "off": False, "1": True, "0": False}
_QUERY = ("pin", "state", "for", "duty", "freq", "token")
_BODY = ("state", "for", "duty", "freq")
_CAUSES = (
    "power on",
    "hardware watchdog",
    "exception",
    "watchdog",
    "restart",
    "wake",
    "reset button",
)
_RESTART_MS = 500  # for the answer to leave before the board does


class Api(Server):
    """Picopin's own app: a Server whose every request is first checked by access."""

    def __init__(self, settings):
        # The most asked first: picoweb looks at one route after the other.
        routes = [
            ("/", root, {"methods": ("GET", "POST")}),
            ("/pins", pins, {"methods": ("GET",)}),
            (re.compile("^/pins/([^/]+)$"), pin, {"methods": ("GET", "PUT")}),
            ("/status", self.status, {"methods": ("GET",)}),
            ("/log", lines, {"methods": ("GET",)}),
            ("/restart", restart, {"methods": ("POST",)}),
            ("/wifi", not_yet, {"methods": ("GET", "POST")}),
            ("/openapi.json", not_yet, {"methods": ("GET",)}),
        ]
        super().__init__("picopin", routes, serve_static=False)
        self.headers_mode = "needed"
        self.settings = settings
        access.settings = settings
        self.uptime = 0  # seconds
        self.lowest = gc.mem_free()  # bytes free after a collection, at its lowest

    def admit(self, req):
        access.check_host(req)
        asked = req.asked = query.parse(req.qs)
        token = asked.pop("token", None)
        access.check_password(req, token)
        if asked and req.path != "/" and req.route:
            query.only(asked, ("token",))

    def status(self, req, resp):
        answer = net.status()
        answer["version"] = VERSION
        answer["uptime"] = self.uptime
        answer["reset"] = _CAUSES[min(machine.reset_cause(), 6)]
        answer["heap"] = {"free": self.free_heap(), "lowest": self.lowest}
        answer["requests"] = {
            "served": self.served,
            "refused": self.refused,
            "timed_out": self.timed_out,
            "faults": self.faults,
            "no_memory": self.no_memory,
            "open": len(self.open),
            "relistened": self.relistened,
        }
        answer["config"] = self.settings.mistakes
        return answer

    def free_heap(self):
        """Collect; return the bytes that are free, and remember the lowest."""
        gc.collect()
        free = gc.mem_free()
        self.lowest = min(self.lowest, free)
        return free

    async def keep_house(self):
        """Once a second: the uptime, the lowest heap, and outputs that want saving."""
        due = ticks_ms()
        while True:
            due = ticks_add(due, 1000)
            await asyncio.sleep_ms(max(0, ticks_diff(due, ticks_ms())))
            self.uptime += 1
            gpio.save_states()
            if self.uptime % 10 == 0:
                self.free_heap()


# -- pins


def root(req, resp):
    asked = req.asked
    if req.method == "POST":
        asked = _with_form(req)
    if not asked:
        return not_yet(req, resp)
    query.only(asked, _QUERY)
    if "pin" not in asked:
        raise Refusal("missing", "pin", gpio.names(), ("pin",))
    return _act(req, gpio.find(asked["pin"]), asked)


def pin(req, resp):
    one = gpio.find(query.unquote(req.url_match.group(1), "pin"))
    if req.method == "PUT":
        return _act(req, one, _json_body(req))
    return dumps_whole(_describe(one, *_snapshot(one)))


def pins(req, resp):
    shown = [(one, _snapshot(one)) for one in gpio.pins]

    def pieces():
        yield '{"pins": ['
        comma = ""
        for one, snapshot in shown:
            yield comma
            yield json.dumps(_describe(one, *snapshot))
            comma = ", "
        comma = '], "refused": ['
        for number in range(17):
            why = gpio.why_not(number)
            if why:
                yield comma
                yield json.dumps({"pin": number, "reason": why})
                comma = ", "
        yield "]}"

    return Pieces(pieces)


def _act(req, one, asked):
    """Do to pin `one` what `asked` says: set, time, PWM, or only read.  Returns the answer."""
    state = asked.get("state")
    ms = _ms(asked.get("for"))
    duty = _number(asked, "duty", 0, 1023)
    freq = _number(asked, "freq", 1, 1000)
    if state is None:
        if ms is not None:
            raise Refusal("missing", "state", list(_STATES), ("a state for the for",))
        if duty is None and freq is None:
            return _report(one)
        access.check_change(req)
        one.check_pwm(duty, freq)
        if req.method != "HEAD":
            one.set_pwm(duty, freq)
        return _report(one)
    if duty is not None or freq is not None:
        raise Refusal("bad_mix", "state")
    on = _wanted(req, one, state)
    access.check_change(req)
    if req.method == "HEAD":  # all that a GET would check, and nothing done
        one.check(on, ms)
    else:
        gpio.change(one, on, ms)
    return _report(one, on)


def _wanted(req, one, state):
    """Return True or False for what `state` asks of the pin."""
    on = _STATES.get(state)
    if on is not None:
        return on
    if state != "toggle":
        raise Refusal("bad_state", "state", ["on", "off"])
    if req.method in ("GET", "HEAD") and not access.settings.TOGGLE_BY_GET:
        raise Refusal("toggle_by_get", "state", ["on", "off"], headers=b"Allow: POST, PUT\r\n")
    return not one.is_on()


def _ms(text):
    """Return `for` (seconds, a str like "0.5" or a number) in milliseconds; None stays None."""
    if text is None:
        return None
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        ms = int(text * 1000 + 0.5) if 0 <= text <= 1000000 else 0
    else:
        ms = _decimal(text) if isinstance(text, str) else 0
    if ms < 10:
        raise Refusal("bad_for", "for")
    return ms


def _decimal(text):
    """Return the thousandths in a str like "12" or "0.5", or 0 where it is none."""
    parts = text.split(".")
    if len(parts) > 2 or len(text) > 10 or not all(part.isdigit() for part in parts):
        return 0
    return int(parts[0]) * 1000 + (int((parts[1] + "000")[:3]) if len(parts) == 2 else 0)


def _number(asked, name, low, high):
    """Return the whole number called `name`, or None where there is none."""
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value.isdigit() and len(value) <= 4:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refusal("bad_number", name, None, (name, low, high))
    return value


def _with_form(req):
    """Return the parameters of the query and of the form in the body together."""
    if not req.body:
        return req.asked
    _want_type(req, b"application/x-www-form-urlencoded")
    try:
        form = query.parse(req.body.decode())
    except UnicodeError:
        raise Refusal("bad_encoding")
    for name in form:
        if name in req.asked:
            raise Refusal("repeated", name, None, (name,))
    form.update(req.asked)
    return form


def _json_body(req):
    """Return the JSON object in the body as a dict with a pin's keys."""
    if b"Content-Length" not in req.headers:
        raise Refusal("length_required")
    _want_type(req, b"application/json")
    try:
        asked = json.loads(req.body)
    except ValueError:
        raise Refusal("bad_json")
    if not isinstance(asked, dict):
        raise Refusal("bad_json")
    query.only(asked, _BODY)
    if not asked:
        raise Refusal("missing", "state", ["on", "off"], ("state",))
    return asked


def _want_type(req, wanted):
    given = req.headers.get(b"Content-Type", b"").split(b";")[0].strip().lower()
    if given != wanted:
        raise Refusal("bad_type", None, [wanted.decode()], (wanted.decode(),))


def _snapshot(one):
    """Return what may change from one moment to the next: (value, milliseconds left)."""
    return (one.read() if one.mode == "analog" else one.is_on()), one.ms_left()


def _report(one, on=None):
    """Return the short answer on one pin, complete; on: as if its state were that."""
    if one.mode == "out":
        on = one.is_on() if on is None else on
        ms = one.ms_left()
        body = b'{"pin": %d, "name": "%s", "state": "%s"' % (one.number, one.name, _WORD[on])
        if ms is not None:
            body += b', "remaining": %d.%03d' % (ms // 1000, ms % 1000)
        return whole(200, body + b"}")
    return dumps_whole(_facts(one, *_snapshot(one)))


_WORD = ("off", "on")


def _facts(one, value, ms):
    """Return the pin's number, name and present state as a dict."""
    facts = {"pin": "A0" if one.mode == "analog" else one.number, "name": one.name}
    if one.mode == "analog":
        facts["value"], facts["volts"] = value
        return facts
    facts["state"] = _WORD[value]
    if ms is not None:
        facts["remaining"] = ms / 1000
    if one.mode == "pwm":
        facts["duty"] = one.duty
        facts["freq"] = one.freq
    elif one.mode == "in" and one.edges is not None:
        facts["edges"] = one.edges
    return facts


def _describe(one, value, ms):
    """Return all that a client may know of a pin, as a dict."""
    facts = _facts(one, value, ms)
    facts["mode"] = one.mode
    facts["board"] = gpio.board_name(one.number)
    facts["can"] = _can(one)
    if one.mode != "analog":
        facts["active_low"] = one.active_low
    if one.mode == "out":
        facts["max_on"] = one.max_on
        facts["group"] = one.group
    return facts


def _can(one):
    if one.mode in ("in", "analog") or one.read_only:
        return ["read"]
    return ["read", "on", "off", "toggle", "for" if one.mode == "out" else "pwm"]


def dumps_whole(value):
    return whole(200, dumps(value))


# -- the rest


def lines(req, resp):
    kept = ring.text().split("\n")

    def pieces():
        yield '{"lines": ['
        comma = ""
        for line in kept:
            if line:
                yield comma
                yield json.dumps(line)
                comma = ", "
        yield "]}"

    return Pieces(pieces)


def restart(req, resp):
    access.check_change(req)
    asyncio.create_task(_restart())
    return {"restarting": True}


async def _restart():
    await asyncio.sleep_ms(_RESTART_MS)
    log.info("restart: somebody asked for it")
    retained.set_mark(retained.ASKED)
    machine.reset()


def not_yet(req, resp):
    raise Refusal("not_yet")
