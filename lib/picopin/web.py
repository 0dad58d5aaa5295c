"""The server: picoweb's programming model inside the bounds of the chip.

WebApp's own seams are taken over: _handle (one bounded exchange), handle_exc
(every exception becomes an answer) and serve (a listener that is watched).
Knows HTTP, knows no pins.
"""

import gc

import picoweb
import uasyncio as asyncio
from micropython import const
from uasyncio import current_task
from utime import ticks_add, ticks_diff, ticks_ms

from picopin import cold
from picopin.errors import Refusal
from picopin.request import Request
from picopin.response import Response, whole

_RECEIVE = const(640)  # bytes read at once: a browser's request is rarely longer
_START = const(514)  # MAX_LINE + 2: where a new piece lies, an unfinished line before it

# Made before memory lacks.
_NO_MEMORY = whole(503, Refusal("no_memory").report()[1], b"Retry-After: 2\r\n")
_SHOWN = const(16)  # characters of a method that an answer repeats
_PIPELINED = const(4)  # pieces of a further request that are read and dropped
_METHODS = ("GET", "POST", "PUT", "DELETE")
_ENOTCONN = const(107)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# What a client that leaves looks like on the socket: nobody's fault, so never logged.
GONE = (
    9,  # EBADF: closed under us
    32,  # EPIPE: written to after the client's reset (unix)
    103,  # ECONNABORTED: lwIP gave the connection up
    104,  # ECONNRESET: the client reset it
    107,  # ENOTCONN: it was reset before it was read
    110,  # ETIMEDOUT: lwIP's retransmissions ran out
    113,  # EHOSTUNREACH: the client left the Wi-Fi
)


class Server(picoweb.WebApp):
    """A picoweb.WebApp that cannot be killed from the network.

    Routes take two options: `methods` (tuple of str, others are 405; without
    it any method reaches the handler, as in picoweb) and `headers` ("needed",
    or picoweb's "parse", "skip", "leave").  A handler writes to resp as in
    picoweb, or returns its answer: a dict or list (200, JSON), bytes of a
    whole answer, or what Response.send_pieces takes, as a tuple.
    """

    REQUEST_MS = 5000  # for the whole request, body included
    ANSWER_MS = 10000  # for the whole answer
    LINGER_MS = 2000  # for what a refused client is still sending
    GRACE_MS = 1000  # how long one may keep the server waiting when all places are taken
    SWEEP_MS = 200  # how often deadlines are looked at
    CONNECTIONS = 5  # all that lwIP has on the ESP8266 (MEMP_NUM_TCP_PCB)

    def __init__(self, pkg, routes=None, serve_static=True):
        super().__init__(pkg, routes, serve_static)
        self.debug = -1
        self._buf = bytearray(_START + _RECEIVE)  # one for all connections, made once
        self._view = memoryview(self._buf)
        self._tail = self._view[_START:]
        self._exact = {}  # path as bytes -> route, of those seen before
        self.open = []
        self.listener = None
        self.served = 0
        self.refused = 0
        self.timed_out = 0
        self.faults = 0
        self.no_memory = 0
        self.relistened = -1  # the first time is none

    # -- one exchange

    async def _handle(self, stream, writer):
        """Serve one connection: read a request, answer it, read it out, close."""
        req = Request(stream, current_task(), ticks_ms())
        self.open.append(req)
        if len(self.open) >= self.CONNECTIONS:
            self._make_room()
        try:
            # While it waits here, a connection is this one frame and its Request.
            try:
                while not self._took(req, await stream.readinto(self._tail)):
                    pass
                await self._respond(req)
            except Exception as e:
                await self.handle_exc(req, req.resp, e)
            if req.body is None or stream.s.readinto(self._tail):
                await self._read_out(req)
        except asyncio.CancelledError:
            if not req.cut:
                raise  # not our sweep: the loop itself is stopping
            self._hang_up(req)
        except MemoryError:
            self.no_memory += 1  # not even for saying so
        except OSError as e:
            if e.errno not in GONE:
                self._fault(req, e)
        finally:
            self.open.remove(req)
            if not req.kept:
                stream.s.close()

    def _took(self, req, n):
        """Take in the `n` bytes just read.  Returns True when the request is whole."""
        if n:
            whole = req.feed(self._buf, self._view, _START, _START + n, self._find_route)
            if req.interim:
                req.interim = False
                req.stream.write(_CONTINUE)
            return whole
        if n == 0:  # the end; None is a wake-up for nothing
            if req.begun():
                raise Refusal("incomplete")
            raise OSError(_ENOTCONN)  # gone before it asked anything

    async def _respond(self, req):
        req.since = ticks_ms()
        req.patience = self.ANSWER_MS
        req.waiting = False
        resp = req.resp = Response(req)
        result = self._call(req, resp)
        if type(result) is bytes:
            await resp.send(result)
            self.served += 1
            return
        if hasattr(result, "send"):  # a generator, or an async def's coroutine
            result = await result
            req.kept = result is False  # the handler keeps the connection, as in picoweb
        if resp.buf is not None or resp.sent:
            await resp.aclose()
        elif isinstance(result, bytes):
            await resp.send(result)
        elif isinstance(result, tuple) and callable(result[0]):
            await resp.send_pieces(*result)
        elif isinstance(result, (dict, list)):
            await resp.send(whole(200, result))
        elif not req.kept:
            raise ValueError("the handler gave no answer")
        self.served += 1

    async def handle_exc(self, req, resp, e):
        """Turn any exception into its answer: the one way from a fault to the client."""
        headers = b""
        if isinstance(e, Refusal):
            req.refused = True
            self.refused += 1
            headers = e.headers
            report = e.report()
            if e.delay:
                req.waiting = True  # it may be cut off when all places are taken
                await asyncio.sleep_ms(e.delay)
        elif isinstance(e, MemoryError):
            self.no_memory += 1
            report = None
            gc.collect()
        elif isinstance(e, OSError) and e.errno in GONE:
            raise e
        else:
            self._fault(req, e)
            report = Refusal("fault").report()
        if resp is None:
            resp = Response(req)
        if not resp.sent:  # else part of another answer is out: only closing is honest
            await resp.send(whole(report[0], report[1], headers) if report else _NO_MEMORY)

    def _fault(self, req, e):
        self.faults += 1
        if self.log:
            self.log.exc(e, "%s %s", req.method, req.path)

    def _hang_up(self, req):
        """Its time is up: say so if a request had begun and nothing was answered."""
        self.timed_out += 1
        if req.body is None and req.begun() and not req.refused:
            req.stream.s.write(whole(*Refusal("too_slow").report()))

    async def _read_out(self, req):
        """Read what is still coming: closing over unread input would reset the answer away."""
        stream = req.stream
        if req.body is None:
            req.since = ticks_ms()
            req.patience = self.LINGER_MS
            req.waiting = True
            if self._buf[req.pos - 1] == 10:
                req.rest = b"\n"  # the end of the line that was refused
            discard = cold.use("oddities").discard
            more = discard(req, self._buf, req.pos, req.end)
            while more:
                n = await stream.readinto(self._tail)
                if not n:
                    return
                more = discard(req, self._buf, _START, _START + n)
        for _ in range(_PIPELINED):
            if not stream.s.readinto(self._tail):
                return

    # -- routes

    def _find_route(self, req):
        """Set req.route.  Returns the mode for headers."""
        route = self._exact.get(req.where)
        if route is None:
            return self._search_route(req)
        req.route = route
        return self.headers_mode

    def _search_route(self, req):
        """picoweb's own search, mounted apps first."""
        app = self
        try:
            path = req.path
        except UnicodeError:
            raise Refusal("bad_target")
        found = self.mounts
        while found:
            found = False
            for sub in app.mounts:
                if path[: len(sub.url)] == sub.url:
                    app = sub
                    path = path[len(sub.url) :]
                    if path[:1] != "/":
                        path = "/" + path
                    found = True
                    break
        if not app.inited:
            app.init()
        for route in app.url_map:
            pattern = route[0]
            if path == pattern:
                break
            if not isinstance(pattern, str):
                req.url_match = pattern.match(path)
                if req.url_match:
                    break
        else:
            return "needed"
        req.route = route
        mode = route[2].get("headers") if len(route) > 2 else None
        if isinstance(pattern, str) and app is self and mode is None:
            self._exact[req.where] = route
        return mode or app.headers_mode

    def _call(self, req, resp):
        """Check who asks and what, then run the handler.  Returns what it returned."""
        answer = self.admit(req)
        if answer is not None:
            return answer
        route = req.route
        if route is None:
            if req.where == b"*":
                return self._options(_METHODS)
            raise Refusal("no_such_path")
        methods = route[2].get("methods") if len(route) > 2 else None
        method = req.method
        if method == "OPTIONS":
            return self._options(methods or _METHODS)
        if methods and method not in methods and not (method == "HEAD" and "GET" in methods):
            fill = (method[:_SHOWN],)
            raise Refusal("method_not_allowed", None, list(methods), fill, _allow(methods))
        return route[1](req, resp)

    def admit(self, req):
        """A seam: raise Refusal, or return an answer of its own, before any handler runs."""

    def _options(self, methods):
        return b"HTTP/1.1 204 No Content\r\n%sConnection: close\r\n\r\n" % _allow(methods)

    # -- deadlines and the listener

    def serve(self, loop, host, port):
        """Serve until the loop is stopped.  Called by picoweb's run()."""
        loop.create_task(self._watch(host, port))
        loop.run_forever()

    async def _watch(self, host, port):
        """Keep a listener alive and every connection within its deadline."""
        due = ticks_ms()
        while True:
            try:
                if self.listener is None or self.listener.task.done():
                    await self._listen(host, port)
                self._sweep()
                if ticks_diff(ticks_ms(), due) >= 0:
                    due = ticks_add(due, 1000)
                    self.second()
            except Exception as e:  # whatever it is, the next round must come
                self.faults += 1
                if isinstance(e, OSError):
                    self.listener = None
            await asyncio.sleep_ms(self.SWEEP_MS)

    def second(self):
        """A seam: called once a second."""

    async def _listen(self, host, port):
        gc.collect()  # a listener that died of MemoryError holds its port until it is collected
        self.relistened += 1
        self.listener = None
        self.listener = await asyncio.start_server(self._handle, host, port)
        self.log.info("serving on port %d", port)

    def _sweep(self):
        now = ticks_ms()
        for req in self.open:
            if ticks_diff(now, req.since) >= (req.patience or self.REQUEST_MS):
                self._cut(req)
        if len(self.open) >= self.CONNECTIONS:
            self._make_room()

    def _make_room(self):
        """With every place taken, let go of who has kept the server waiting longest."""
        now = ticks_ms()
        slowest = None
        longest = self.GRACE_MS
        for req in self.open:
            waited = ticks_diff(now, req.since)
            if req.waiting and not req.cut and waited >= longest:
                slowest = req
                longest = waited
        if slowest:
            self._cut(slowest)

    def _cut(self, req):
        if not req.cut:
            req.cut = True
            req.task.cancel()


def _allow(methods):
    more = ", HEAD, OPTIONS" if "GET" in methods else ", OPTIONS"
    return ("Allow: %s%s\r\n" % (", ".join(methods), more)).encode()
