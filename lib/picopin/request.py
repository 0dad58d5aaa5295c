"""A client's connection and its one HTTP request, taken in from the pieces in which it arrives.

Nothing is stored but the request line, the headers that are needed, and the
unfinished end of a piece; everything else is checked and dropped in place.
What few requests need is in cold.framing.  Sections are those of RFC 9112.
"""

import picoweb
from micropython import const
from uasyncio import core
from utime import ticks_ms

from picopin import Refusal, cold
from picopin.headers import MAX_LINE, refuse, take
from picopin.wire import drop, wait

_ENOTCONN = const(107)

_LINE = const(0)  # waiting for the request line
_HEAD = const(1)  # in the headers
BODY = const(2)  # in the body
WHOLE = const(3)  # all of it is here

_METHODS = b" POST PUT HEAD DELETE "


class Request(picoweb.HTTPRequest):
    """What handlers get as `req`: method, path, qs, headers, body, stream.

    where, query: path and query string as bytes; path, qs: as str, made when asked for.  headers:
    dict of bytes (`b"Content-Length"`) to bytes.  body: bytes, when state is WHOLE.  since,
    patience: when the present wait began (ticks), how long it may be (ms); waiting: for the client.

    asyncio runs it as a task: it needs no more of a coroutine than send() and
    throw().  One that keeps no frame and no stream while it waits costs a third less.
    """

    server = None  # of all requests
    task = None  # defaults live in the class: an open connection costs only what it has set
    # The coroutine that answers, where that takes more than one write.  It returns None, or the
    # milliseconds after which the request goes on by itself.
    work = None
    result = None  # what the handler returned, for that coroutine
    method = "GET"
    where = b"/"
    query = body = b""
    route = None  # what the router found: (pattern, handler, options)
    mode = "needed"  # which headers are kept: "needed", "parse", "skip", "leave"
    old = False  # HTTP/1.0
    authority = None  # the host in the request line, which counts before the Host header
    marked = False  # a header came that tells whence, or how, a browser asks
    skipping = False  # in a long header line that nobody needs
    state = _LINE
    rest = b""  # an unfinished line, or the body so far
    size = 0  # bytes of headers so far, and 8192 for each line
    length = 0  # Content-Length, bytes
    pos = end = 0  # what of the buffer feed() had not taken when it refused
    headers = None  # a dict once there is a request line
    resp = None  # the Response, once there is one
    patience = None  # None: the server's for a whole request, or for its answer
    waiting = False  # for the client to take its answer, or to go
    kept = False  # the handler keeps the connection
    cut = False  # the server has lost patience
    refused = False  # and answered, but not at its end: what it still sends is read over
    uses = None  # a cold module, as long as it waits for the client
    asked = None  # what the query says, as the app wants it

    def __init__(self, sock=None, address=None):
        self.sock = sock
        self.address = address  # the client's, a str
        self.since = ticks_ms()

    def send(self, value):
        """Go on: the client has sent something, or takes more of the answer."""
        if self.work is None:
            if self.refused:
                return self._read_over()
            error = ms = None
            try:
                if self.resp is None and not self._took():
                    return wait(core._io_queue.queue_read, self.sock)
                ms = self.server.respond(self)
                if ms:
                    self.since = ticks_ms()  # who waits for others is not late
                    return next(core.sleep_ms(ms))
            except Exception as e:
                error = e
            if ms == 0:
                raise StopIteration  # answered in one write: the commonest of all ends
            if self.work is None:
                self._go_on(error)
        try:
            return self.work.send(value)
        except StopIteration as e:
            ms = e.value
        except MemoryError:
            self._lose()
        if ms is None:
            raise StopIteration
        self.work = None
        return next(core.sleep_ms(ms))

    def _read_over(self):
        """Pass over what is still sent behind an error's answer; close when that is over."""
        try:
            if self.uses.go_on(self):
                return wait(core._io_queue.queue_read, self.sock)
            drop(self.sock, self.server.view)
        except (OSError, MemoryError):
            pass  # it has gone, or has to
        self.server.close(self)
        raise StopIteration

    def throw(self, e):
        """End: the server has lost patience, or stops."""
        try:
            if self.work is not None:
                return self.work.throw(e)
            self._go_on(e)
            return self.work.send(None)
        except MemoryError:
            self._lose()

    def _go_on(self, e):
        try:
            self.work = self.server._handle(self, e)
        except MemoryError:
            self._lose()

    def _lose(self):
        """End: memory lacks even for a coroutine that says so."""
        self.server.turn_away(self.sock, self.resp)
        self.server.close(self)
        raise StopIteration

    def forget(self):
        """Hold little: asyncio's queue and old words on the stack may point here for long.

        Takes no memory: only what is there is set, since anything else would be added.
        """
        if self.headers:
            self.headers = None
        if self.resp:
            self.resp = None
        if self.asked:
            self.asked = None
        if self.work:
            self.work = None
        if self.result:
            self.result = None
        if self.uses:
            self.uses = None

    def _took(self):
        """Take in what has come.  Returns True when the request is whole."""
        server = self.server
        view = server.view
        at = 0
        if self.rest and self.state < BODY:
            at = len(self.rest)  # room for the unfinished line before what now comes
            view = view[at:]
        n = self.sock.readinto(view)
        if n:
            return self.feed(server.buf, server.view, at, at + n, server.find_route)
        if n == 0:  # the end; None is a wake-up for nothing
            if self.state != _LINE or self.rest:
                raise Refusal("incomplete")
            raise OSError(_ENOTCONN)  # gone before it asked anything

    def __getattr__(self, name):
        """What only picoweb programs ask for: path, qs, reader; see cold.programs."""
        return cold("programs").get(self, name)

    def feed(self, buf, view, start, end, router):
        """Take in the new piece buf[start:end].  Return True when the request is whole.

        view: a memoryview of buf, made once.  There is room for the unfinished
        line before `start`.  router: called as router(req) once method and path are
        known; returns the mode for headers.  Raises Refusal for what no server
        should take.
        """
        if self.state < BODY:
            if self.rest:
                start -= len(self.rest)
                buf[start : start + len(self.rest)] = self.rest
                del self.rest
            if self.state == _LINE:
                start = self._request_line(buf, view, start, end, router)
            if self.state == _HEAD:
                start = take(self, buf, view, start, end)
            if self.state < BODY:
                return False
        if self.length:
            self.rest += bytes(view[start:end])
            if len(self.rest) < self.length:
                return False
            self.body = self.rest[: self.length]  # what follows is not read: section 9.3
            del self.rest, self.length
        self.state = WHOLE
        return True

    def _request_line(self, buf, view, start, end, router):
        """Take the request line, section 3.  Returns where the headers begin."""
        stop = buf.find(b"\n", start, end)
        if (stop if stop >= 0 else end) - start > MAX_LINE:
            refuse(self, "uri_too_long", stop + 1 if stop >= 0 else end, end)
        if stop < 0:
            self.rest = cold("framing").unfinished(self, buf, start, end)
            return end
        if stop - start <= (buf[start] == 13) and not self.size:
            self.size = 1  # one empty line before the request is passed over, section 2.2
            return self._request_line(buf, view, stop + 1, end, router)
        if self.size:
            del self.size
        at = buf.find(b" ", start, stop) + 1
        method = "GET"
        if not buf.startswith(b"GET ", start):
            word = bytes(view[start : max(start, at - 1)])
            method = word.decode() if _METHODS.find(b" %s " % word) >= 0 else None
            self.method = method
        space = stop - 10  # before HTTP/1.1 and CR
        plain = buf.startswith(b" HTTP/1.1\r", space) and buf.find(b" ", at, stop) == space
        plain = plain and method
        if plain and buf.startswith(b"/?", at):
            self.query = bytes(view[at + 2 : space])
        else:
            target = bytes(view[at:space]) if plain else b""
            if target[:1] != b"/" or max(target) > 126:
                self.pos = stop + 1
                self.end = end
                target = cold("framing").request_line(self, bytes(view[start:stop]))
            at = target.find(b"?")
            self.where = target if at < 0 else target[:at]
            if at >= 0:
                self.query = target[at + 1 :]
        self.headers = {}
        self.state = _HEAD
        mode = router(self)
        if mode != "needed":
            self.mode = mode  # else the class's will do
        return stop + 1
