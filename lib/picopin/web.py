"""The server: picoweb's programming model inside the bounds of the chip.

WebApp's own seams are taken over: _handle (one bounded exchange), handle_exc (every exception
becomes an answer) and serve (a listener that is watched).  Knows HTTP, knows no pins.
"""

import gc

import picoweb
import uasyncio as asyncio
from micropython import const
from utime import ticks_add, ticks_diff, ticks_ms

from picopin import Refusal, cold, headers
from picopin.request import WHOLE, Request
from picopin.wire import GONE, LEFT, NO_MEMORY, Response, drop, linger, readable, shared

# Bytes read at once: a segment, TCP_MSS of the ESP8266's lwIP, or an unfinished line and more.
_RECEIVE = const(536)

_AGAIN_MS = const(50)  # until a long answer for which memory lacked is tried again,
_TRIES_MS = const(1000)  # for so long
_TURN_MS = const(10)  # between two looks whether it is a long answer's turn


class Server(picoweb.WebApp):
    """A picoweb.WebApp that cannot be killed from the network.

    Routes take two options: `methods` (tuple of str; without it any reaches the handler, as in
    picoweb) and `headers` ("needed", or picoweb's "parse", "skip", "leave").  A handler writes to
    resp as in picoweb, or returns its answer: a dict or list (200, JSON), bytes of a whole one, or
    for a long one a tuple, or a function that makes it when its turn has come: (file's name, bytes
    of head) or (make, shown, content type, header lines).  make(*shown), a fresh generator of str
    or bytes, is called twice: `shown` holds all that could change between.  Headers of mode
    "needed" are shared with other requests: to be read, not changed; of a browser's Accept and
    Accept-Encoding there is b"text/html" or b"image/", and b"gzip".
    """

    REQUEST_MS = 5000  # for the whole request, body included
    ANSWER_MS = 10000  # for the whole answer
    KEPT_MS = 60000  # between two pieces of an answer that a handler goes on with by itself
    LINGER_MS = 2000  # for what a refused client is still sending
    GRACE_MS = 1000  # how long one may keep the server waiting when all places are taken
    SWEEP_MS = 200  # how often deadlines are looked at
    CONNECTIONS = 5  # all that lwIP has on the ESP8266 (MEMP_NUM_TCP_PCB)

    def __init__(self, pkg, routes=None, serve_static=True):
        super().__init__(pkg, routes, serve_static)
        self.debug = -1
        self.buf = bytearray(_RECEIVE)  # one for all connections, made once
        self.view = memoryview(self.buf)
        self._path = self._route = None  # the path that was asked for last, and its route
        self.open = []
        self.listener = self.accepting = None  # a socket, and the task that accepts from it
        self.served = self.refused = self.timed_out = self.faults = self.no_memory = 0
        self.relistened = -1  # the first time is none

    async def _handle(self, req, e):
        """Run a handler's coroutine, or answer the exception `e`.  Returns as Request.work does."""
        ms = None
        try:
            try:
                ms = await self._exchange(req, e)
            except asyncio.CancelledError:
                if not req.cut:
                    raise  # not our sweep: the loop itself is stopping
                self.timed_out += 1
                cold("failure").hang_up(req)
            except OSError as e:
                if e.errno not in GONE:
                    cold("failure").fault(self, req, e)
        except MemoryError:
            again = ticks_diff(ticks_ms(), req.since) < _TRIES_MS
            if again and req.resp and req.resp is Response.current and not req.resp.sent:
                headers.known = None
                ms = _AGAIN_MS  # for others to end
            else:
                self.turn_away(req.sock, req.resp)
        finally:
            if ms is None and not req.kept:
                self.close(req)
        return ms

    async def _exchange(self, req, e):
        try:
            if e:
                raise e
            ms = await req.resp.answer()
            if ms is not None:
                return ms
            self.served += 1
        except Exception as e:
            if isinstance(e, MemoryError) or isinstance(e, OSError) and e.errno in GONE:
                raise
            await self.handle_exc(req, req.resp, e)
        if req.kept:
            linger(req, self.KEPT_MS)
        elif req.state != WHOLE and shared(req, "overlong").begin(req):
            req.refused = True  # what it still sends is read over
            return 0
        drop(req.sock, self.view)

    def respond(self, req):
        """Run the handler, once the request is whole.

        Returns 0 when its answer has left, in one write; None when _handle is to send it;
        else the milliseconds after which to call again: a long answer waits for its turn.
        """
        if req.resp is None:
            req.since = ticks_ms()
            req.resp = Response()
            req.resp.req = req
        elif isinstance(req.result, Refusal):
            raise req.result  # it has waited
        if req.result is None:
            if Response.current and req.where.startswith(b"/static/"):
                return _TURN_MS  # a file, long too: it is looked for when its turn has come
            answer = self._call(req, req.resp)
            if type(answer) is not bytes and isinstance(answer, (dict, list)):
                answer = cold("head").whole(200, answer)
            if type(answer) is bytes and req.method != "HEAD":
                n = req.sock.write(answer) or 0
                if n == len(answer):
                    self.done(req)
                    return 0
                req.resp.sent = n > 0
                answer = memoryview(answer)[n:]
            req.result = answer
            if isinstance(answer, Refusal):  # the price of a guess
                req.waiting = True  # it may be cut off when all places are taken
                return answer.delay or _TURN_MS
        if callable(req.result) or isinstance(req.result, tuple):
            req.headers = req.asked = None  # all that is to be known of them is
            if not req.resp.take_turn():
                return _TURN_MS
            headers.known = None  # its room is needed now
            req.work = cold("pieces").send(req)

    def done(self, req):
        """Count and close a request whose answer has left."""
        self.served += 1
        try:
            drop(req.sock, self.view)
        finally:  # whatever comes of that, nothing is sent behind it
            self.close(req)

    def handle_exc(self, req, resp, e):
        """Turn an exception into its answer, as a coroutine: the one way to the client."""
        return cold("failure").answer(self, req, resp, e)

    def turn_away(self, sock, resp=None):
        """Memory lacks: say 503, if nothing was said yet, with what was made for it."""
        self.no_memory += 1
        headers.known = None  # what is there for speed alone goes first
        if resp and (resp.sent or resp.req.kept):
            return
        try:
            drop(sock, self.view)
            sock.write(NO_MEMORY)
        except OSError:
            pass  # it has gone

    def close(self, req):
        """Let go of a connection, and of its place; of nothing, if it has none."""
        if req not in self.open:
            return
        self.open.remove(req)
        if req.resp is Response.current:
            Response.current = None
        req.sock.close()
        req.forget()
        if not (req.kept or req.cut):  # else who comes late hears EBADF
            req.sock = None

    # -- routes

    def find_route(self, req):
        """Set req.route.  Returns the mode for headers."""
        where = req.where
        if where == self._path:
            req.route = self._route
            return self.headers_mode
        mode, exact = cold("routing").search(self, req)
        if exact and not self.mounts:
            self._path, self._route = where, req.route
        return mode

    def routes(self):
        """A seam: return what is searched for the route of a path not asked for before."""
        return self.url_map

    def _call(self, req, resp):
        """Check who asks and what, then run the handler.  Returns what it returned."""
        answer = self.admit(req)
        if answer is not None:
            return answer
        route = req.route
        methods = route[2].get("methods") if route and len(route) > 2 else None
        if route and (req.method in methods if methods else req.method != "OPTIONS"):
            return route[1](req, resp)
        return cold("routing").unusual(req, resp, methods)

    def admit(self, req):
        """A seam: raise Refusal, or return an answer of its own, before any handler runs."""

    # -- deadlines and the listener

    def serve(self, loop, host, port):
        """Serve until the loop is stopped.  Called by picoweb's run(), for programs of its kind."""
        self.begin(host, port)
        while True:
            try:
                return loop.run_forever()
            except MemoryError:  # in the loop itself, between two tasks: all of them go on
                self.no_memory += 1
                gc.collect()

    def begin(self, host, port):
        """Take in clients from when asyncio's loop runs."""
        Request.server = self
        asyncio.create_task(self._watch(host, port))

    async def _watch(self, host, port):
        """Keep a listener alive and every connection within its deadline."""
        due = ticks_ms()
        while True:
            try:
                if self.accepting is None or self.accepting.done():
                    cold("listen").listen(self, host, port)
                self._sweep()
                if ticks_diff(ticks_ms(), due) >= 0:
                    due = ticks_add(due, 1000)
                    self.second()
            except MemoryError:
                self.no_memory += 1
            except Exception:  # whatever it is, the next round must come
                self.faults += 1
            await asyncio.sleep_ms(self.SWEEP_MS)

    def second(self):
        """A seam: called once a second."""

    async def accept(self, listener):
        """Take in clients for as long as the listener is of use."""
        while True:
            try:
                await readable(listener)
                self._welcome(*listener.accept())
            except MemoryError:
                await asyncio.sleep_ms(self.SWEEP_MS)  # those who are in may go first
            except OSError as e:
                if e.errno not in LEFT:
                    return  # _watch makes another

    def _welcome(self, sock, address):
        sock.setblocking(False)
        req = None
        try:
            req = Request(sock, address[0])
            self.open.append(req)
            req.task = asyncio.create_task(req)
        except MemoryError:
            self.turn_away(sock)
            sock.close()
            self.close(req)
            raise
        if len(self.open) >= self.CONNECTIONS:
            self._make_room()

    def _sweep(self):
        now = ticks_ms()
        for req in self.open[:]:
            patience = req.patience or (self.ANSWER_MS if req.resp else self.REQUEST_MS)
            if ticks_diff(now, req.since) >= patience:
                self._cut(req)
        if len(self.open) >= self.CONNECTIONS:
            self._make_room()

    def _make_room(self):
        """With every place taken, let go of who has kept the server waiting longest."""
        headers.known = None  # its room is needed now
        now = ticks_ms()
        slowest = None
        longest = self.GRACE_MS
        for req in self.open:
            waited = ticks_diff(now, req.since)
            if (req.waiting or not req.resp) and not req.cut and waited >= longest:
                slowest = req
                longest = waited
        if slowest:
            self._cut(slowest)

    def _cut(self, req):
        if req.kept or req.cut:  # its task has gone on by itself, or is lost for want of memory
            self.timed_out += 1
            self.close(req)
        else:
            req.cut = True
            req.since = ticks_ms()  # it has as long once more, to end as it should
            req.task.cancel()
