"""The routes, a short handler each: validate, act, return the answer."""

import gc

import machine
import uasyncio as asyncio
from micropython import const

from picopin import Refusal, access, cold, gpio, net, query, retained
from picopin.response import ok
from picopin.web import Server

_STATES = {b"on": True, b"off": False, b"1": True, b"0": False}
_QUERY = ("pin", "state", "for", "duty", "freq", "token")
_BODY = ("state", "for", "duty", "freq")
_ON_OFF = ["on", "off"]
_BY_POST = b"Allow: POST, PUT\r\n"
_RESTART_MS = const(500)  # for the answer to leave before the board does
_COLLECT_S = const(10)  # how often the free heap is looked at
_BUTTON_S = const(10)  # seconds in which a held button asks for safe mode
_LASTED_S = const(60)  # a start that came so far has not failed


class Api(Server):
    """Picopin's own app: a Server whose every request is first checked by access."""

    uptime = -1  # seconds

    def __init__(self, settings):
        super().__init__("picopin", serve_static=False)
        self.headers_mode = "needed"
        self._path, self._route = b"/", next(self.routes())  # asked most: never searched for
        self.settings = access.settings = settings
        self.lowest = gc.mem_free()  # bytes free after a collection, at their lowest

    def routes(self):
        return cold("routes").of(self)

    def admit(self, req):
        answer = access.check_host(req)
        if answer:
            return answer
        if req.route is None and req.method in ("GET", "HEAD"):
            answer = cold("assets").answer(self, req)
            answer = answer or cold("portal").missing(req, self.settings)
            if answer:
                return answer
        asked = req.asked = query.parse(req.query)
        access.check_password(req, asked.pop("token", None))
        if asked and req.where != b"/" and req.route:
            cold("query").only(asked, ("token",))

    def root(self, req, resp):
        asked = req.asked
        if req.method == "POST":
            if b"text/html" in req.headers.get(b"Accept", b""):
                return cold("form").submit(self, req)
            asked = cold("body").form(req)
        elif not asked:
            return self.page
        for name in asked:
            if name not in _QUERY:
                cold("query").only(asked, _QUERY)
        if "pin" not in asked:
            raise Refusal("missing", "pin", cold("explain").names(), ("pin",))
        return act(req, gpio.find(asked["pin"]), asked)

    def page(self):
        return cold("page").show(self)

    def pin(self, req, resp):
        name = req.url_match.group(1)
        if "%" in name or "+" in name:
            name = cold("query").unquote(name, "pin")
        pin = gpio.find(name.encode())
        if req.method == "PUT":
            return act(req, pin, cold("body").json_object(req, _BODY))
        return cold("listing").one(pin)

    def show(self, req, resp):
        if req.where == b"/openapi.json":
            return cold("assets").document(self, req)
        if req.where == b"/wifi":
            return cold("wifi").answer(self, req)
        if req.where == b"/status":
            return cold("views").status(self)
        if req.where == b"/log":
            return cold("views").log()
        return lambda: cold("listing").pins()

    def restart(self, req, resp):
        access.check_change(req)
        asyncio.create_task(_restart())
        return {"restarting": True}

    def second(self):
        """Once a second: the uptime, outputs that want saving, and the lowest heap."""
        self.uptime += 1
        net.second(self)
        if self.uptime <= _BUTTON_S or self.uptime == _LASTED_S:
            cold("early").settle(self)
        if gpio.saver:
            gpio.saver()
        if self.uptime % _COLLECT_S == 0:
            gc.collect()
            self.lowest = min(self.lowest, gc.mem_free())


def act(req, pin, asked):
    """Do to `pin` what `asked` says: set, time, PWM, or only read.  Returns the answer."""
    ms = duty = freq = on = None
    if "for" in asked or "duty" in asked or "freq" in asked:
        values = cold("values")
        ms = values.milliseconds(asked)
        duty = values.number(asked, "duty", 0, 1023)
        freq = values.number(asked, "freq", 1, 1000)
    if "state" in asked:
        if duty is not None or freq is not None:
            raise Refusal("bad_mix", "state")
        on = _wanted(req, pin, asked["state"])
        access.check_change(req)
        if req.method == "HEAD":  # all that a GET would check, and nothing done
            pin.check(on, ms)
        else:
            gpio.change(pin, on, ms)
    elif ms is not None:
        raise Refusal("missing", "state", _ON_OFF, ("a state to go with for",))
    elif duty is not None or freq is not None:
        access.check_change(req)
        pin.check_pwm()
        if req.method != "HEAD":
            pin.set_pwm(duty, freq)
    return report(pin, on)


def _wanted(req, pin, state):
    """Return True or False for what `state` asks of the pin."""
    on = _STATES.get(state) if isinstance(state, bytes) else None
    if on is not None:
        return on
    if state != b"toggle":
        raise Refusal("bad_state", "state", _ON_OFF)
    if req.method in ("GET", "HEAD") and not access.settings.TOGGLE_BY_GET:
        raise Refusal("toggle_by_get", "state", _ON_OFF, (), _BY_POST)
    if pin.mode == "analog":
        pin.check(True, None)
    return not pin.is_on()


def report(pin, on):
    """Return the short answer on one pin; on: as if its state were that, None: as it is."""
    if pin.mode != "out":
        listing = cold("listing")
        return listing.facts(pin, *listing.snapshot(pin))
    if on is None:
        on = pin.is_on()
    body = b'{"pin": %d, "name": "%s", "state": "%s"' % (pin.number, pin.name, _ON_OFF[not on])
    ms = pin.ms_left()
    if ms is not None:
        body += b', "remaining": %d.%03d' % (ms // 1000, ms % 1000)
    return ok(body + b"}")


async def _restart():
    await asyncio.sleep_ms(_RESTART_MS)
    net.log.info("restart: somebody asked for it")
    retained.put(retained.MARK, retained.ASKED)
    machine.reset()
