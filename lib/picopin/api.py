"""The routes and who may take them: validate, act, return the answer.

Here is what nearly every request needs: the pin and its plain state.  All else
is in cold: hosts, guard, source and portal (who may), act (times, duties,
toggling), answers (the other paths).
"""

import gc

from micropython import const

from picopin import cold, gpio, headers, net, query, retained
from picopin.web import Server

_COLLECT_S = const(10)  # how often the free heap is looked at
_SHORT = const(6)  # looks in a row at which memory lacks, and the board starts anew
_BUTTON_S = const(10)  # seconds in which a held button asks for safe mode
_IMAGE = const(105)  # "i", as image/ begins
_LASTED_S = const(60)  # a start that came so far has not failed

# The answer to nearly every request, made in one go.
OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s"
)


class Api(Server):
    """Picopin's own app: a Server whose every request is first checked for who may."""

    uptime = -1  # seconds
    free = 0  # bytes, once all had come up
    seen = rounds = 0  # of no_memory; looks in a row at which there had been more of it

    def __init__(self, settings):
        super().__init__("picopin", serve_static=False)
        self.headers_mode = "needed"
        self._path, self._route = b"/", next(self.routes())  # asked most: never searched for
        self.settings = settings
        self.lowest = gc.mem_free()  # bytes free after a collection, at their lowest

    def routes(self):
        return cold("routes").of(self)

    def admit(self, req):
        settings = self.settings
        host = req.headers.get(b"Host")
        if host is not headers.host and host:
            # One that is not this board's may be a rebinding attack.
            answer = cold("hosts").check(req, host, settings)
            if answer:
                return answer
            headers.host = host  # the next ones need no look
        if req.route is None and req.method in ("GET", "HEAD"):
            answer = cold("assets").answer(req)
            answer = answer or cold("portal").answer(req, settings)
            if answer:
                return answer
        asked = req.asked = query.parse(req.query)
        token = asked.pop("token", None)
        if settings.PASSWORD is not None:
            answer = cold("guard").check_password(req, token, settings.PASSWORD)
            if answer:
                return answer
        if asked and req.where != b"/" and req.route and req.route[2:] and req.route[2].get("only"):
            cold("query").only(asked, ("token",))

    def root(self, req, resp):
        asked = req.asked
        if req.method == "POST":
            if b"text/html" in req.headers.get(b"Accept", b""):
                return cold("form").answer(self, req)
            asked = cold("body").form(req)
        elif not asked:
            return self.page
        more = len(asked) > 1 + ("state" in asked)
        if more or "pin" not in asked:
            cold("act").check(asked)
        return act(req, gpio.find(asked["pin"]), asked, more)

    # Both are called when their turn to be sent has come.  What one module
    # takes is gone before the next one comes.

    def pins(self):
        shown = cold("snapshot").pins(), cold("explain").refused()
        return cold("listing").pins, shown

    def page(self):
        shown = cold("page").shown(self)
        return (cold("template").load("page"),) + shown

    def other(self, req, resp):
        return cold("answers").answer(self, req)

    def second(self):
        """Once a second: the uptime, outputs whose time is over or that want saving, the heap."""
        self.uptime += 1
        gpio.expire()
        net.second(self)
        if self.uptime <= _BUTTON_S or (self.uptime >= _LASTED_S and retained.kept[retained.BOOTS]):
            cold("early").second(self)
        if gpio.saver:
            gpio.saver()
        if self.uptime % _COLLECT_S == 0:
            self._look()

    def _look(self):
        """Look at the heap; where it was short again and again and will stay so, start anew.

        The collector takes any old word on the stack for a reference, so that what
        somebody sent may be held for good.  Pins then fare as with any restart.
        """
        gc.collect()
        free = gc.mem_free()
        self.lowest = min(self.lowest, free)
        if not self.free and self.uptime:
            self.free = free
        if self.open or self.settings.trouble:
            return  # what serves them is not for good; safe mode is left when somebody asks
        if self.no_memory == self.seen or free > self.free // 2:
            self.rounds = 0
        else:
            self.rounds += 1
            if self.rounds == _SHORT:
                net.restart(retained.FULL)
        self.seen = self.no_memory


def act(req, pin, asked, more):
    """Do to `pin` what `asked` says, or only read it.  Returns the answer.

    more: there is more in `asked` than the pin and a state.
    """
    state = asked.get("state")
    on = state == b"on"
    if more or req.method == "HEAD" or not (on or state is None or state == b"off"):
        on = cold("act").act(req, pin, asked)
    elif state is None:
        on = None
    else:
        check_change(req)
        gpio.change(pin, on, None)
    return report(pin, on)


def check_change(req):
    """Refuse what would change something but was not meant by the owner."""
    by_get = req.method == "GET" or req.method == "HEAD"
    accept = req.headers.get(b"Accept")
    if (
        req.marked
        or by_get
        and (not req.server.settings.CHANGE_BY_GET or accept and accept[0] | 32 == _IMAGE)
    ):
        cold("source").check(req, by_get)  # has a closer look


def report(pin, on):
    """Return the short answer on one pin; on: as if its state were that, None: as it is."""
    if pin.mode != "out":
        return cold("listing").facts(pin, *cold("snapshot").of(pin))
    if on is None:
        on = pin.is_on()
    left = b"}"
    ms = None if pin.until is None else pin.ms_left()
    if ms is not None:
        left = b', "remaining": %d.%03d}' % (ms // 1000, ms % 1000)
    body = b'{"pin": %d, "name": "%s", "state": "%s"%s' % (
        pin.number,
        pin.name,
        "on" if on else "off",
        left,
    )
    return OK % (len(body), body)
