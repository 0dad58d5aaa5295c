"""Answers: one write where it fits, pieces of the chip's send buffer where not."""

import ujson as json
from micropython import const
from uasyncio import sleep_ms
from utime import ticks_ms

from picopin.request import writable

_SEND = const(1072)  # bytes lwIP takes at once on the ESP8266: two segments of 536
_TURN_MS = const(10)  # between two looks whether it is one's turn
_GAP = const(24)  # len("Content-Length: 123456\r\n")
_END = b"\r\n\r\n"

JSON = "application/json"
# The answer to nearly every request, made in one go.
_OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s"
)
_HEAD = (
    b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n%s\r\n"
)
# One string and a search, since a dict of these would hold a kilobyte of heap.
_REASONS = (
    b"200 OK 204 No Content 302 Found 303 See Other 304 Not Modified 400 Bad Request "
    b"401 Unauthorized 403 Forbidden 404 Not Found 405 Method Not Allowed 408 Request Timeout "
    b"409 Conflict "
    b"411 Length Required 413 Content Too Large 414 URI Too Long 415 Unsupported Media Type "
    b"431 Request Header Fields Too Large 500 Internal Server Error 501 Not Implemented "
    b"503 Service Unavailable 505 HTTP Version Not Supported 599"
)

_buf = bytearray(_SEND)  # for the long answer whose turn it is: later there might be no such piece


def reason(status):
    """Return the reason phrase of an HTTP status as bytes: b"Not Found"."""
    at = _REASONS.find(b"%d " % status) + 4
    end = at
    while not 48 <= _REASONS[end] <= 57:
        end += 1
    return _REASONS[at : end - 1]


def head(status, length, content_type=JSON, headers=b""):
    """Return the head of an answer with `length` bytes of body; headers: lines with CR LF."""
    return _HEAD % (status, reason(status), content_type, length, headers)


def ok(body):
    """Return a complete answer 200 with `body` (bytes of JSON)."""
    return _OK % (len(body), body)


def whole(status, value, headers=b""):
    """Return a complete answer: `value` (a dict or list) as JSON."""
    body = json.dumps(value).encode()
    return head(status, len(body), JSON, headers) + body


class Response:
    """What handlers get as `resp`; a picoweb program uses it as its stream writer.

    What is written gathers in one buffer and leaves in one write.  An answer
    that picoweb.start_response began gets its Content-Length when it fits
    there; a longer one goes out as it comes and ends with the connection.
    """

    buf = None  # from turn(), or made at the first awrite
    gap = 0  # where the room for Content-Length begins; 0: there is none
    n = 0  # bytes in buf
    sent = False  # some of the answer has left
    closed = False  # by its handler
    current = None  # of all Responses, the one whose turn it is

    def __init__(self, req):
        self.req = req

    async def turn(self):
        """Wait until no other long answer is being sent, for each takes some kilobytes."""
        while Response.current:
            await sleep_ms(_TURN_MS)
        Response.current = self
        self.buf = _buf

    async def send(self, data):
        """Hand `data` (bytes) to the network; returns when the chip has taken it all."""
        self.sent = True
        req = self.req
        if req.kept:
            req.since = ticks_ms()
        if req.method == "HEAD":
            end = bytes(data).find(_END)
            if end >= 0:
                data = data[: end + 4]
        sock = req.sock
        n = sock.write(data)
        while n != len(data):
            if n:
                data = memoryview(data)[n:]
            req.waiting = True
            await writable(sock)
            n = sock.write(data)

    async def send_pieces(self, make, shown=(), content_type=JSON, headers=b""):
        """Send an answer too long to be built whole.

        make: called as make(*shown), returns a fresh generator of str or bytes.
        It is run twice, once to count and once to send, so `shown` must hold
        all that could change in between.
        """
        if self is not Response.current:
            await self.turn()
        length = sum(len(p if isinstance(p, bytes) else p.encode()) for p in make(*shown))
        await self.awrite(head(200, length, content_type, headers))
        if self.req.method != "HEAD":
            for piece in make(*shown):
                await self.awrite(piece)
        await self.drain()

    async def awrite(self, data, off=0, sz=-1):
        if isinstance(data, str):
            data = data.encode()
        if sz >= 0:
            data = memoryview(data)[off : off + sz]
        if self.buf is None:
            self.buf = bytearray(_SEND)
        if not (self.n or self.sent) and data[:9] == b"HTTP/1.0 " and data[-4:] == b"NA\r\n":
            # picoweb's `HTTP/1.0 200 NA`: a whole status line, and the gap behind it.
            status = int(data[9:12])
            line = b"HTTP/1.1 %d %s\r\nConnection: close\r\n" % (status, reason(status))
            self.gap = len(line)
            self.n = self.gap + _GAP
            self.buf[: self.gap] = line
            return
        view = memoryview(data)
        while len(view):
            take = min(len(view), _SEND - self.n)
            self.buf[self.n : self.n + take] = view[:take]
            self.n += take
            view = view[take:]
            if self.n == _SEND:
                await self.drain()

    awritestr = awrite

    async def drain(self):
        """Send what has gathered, without a Content-Length of ours."""
        view = memoryview(self.buf)[: self.n]
        if self.gap:
            # The gap stays unused: move the status line up against the rest.
            view[_GAP : self.gap + _GAP] = bytes(view[: self.gap])
            view = view[_GAP:]
            self.gap = 0
        self.n = 0
        if len(view) and not (self.sent and self.req.method == "HEAD"):
            await self.send(view)

    async def aclose(self):
        """Send what is left, with its Content-Length where picoweb began the answer."""
        if self.gap and self.buf.find(b"ontent-Length:", 0, self.n) < 0:
            body = self.n - self.buf.find(_END) - 4
            self.buf[self.gap : self.gap + _GAP] = b"Content-Length: %6d\r\n" % body
            self.gap = 0
        await self.drain()
        self.closed = True
        req = self.req
        if req.kept and req in req.server.open:  # the handler has gone on by itself, and ends it
            req.server.close(req)
