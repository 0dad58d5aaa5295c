"""Answers: one write where it fits, pieces of the chip's send buffer where not."""

import ujson as json
from micropython import const

SEND = const(1072)  # bytes lwIP takes at once on the ESP8266: two segments of 536
_GAP = const(24)  # len("Content-Length: 123456\r\n")

# One string and a search, since a dict of these would hold a kilobyte of heap.
_REASONS = (
    b"200 OK 204 No Content 302 Found 304 Not Modified 400 Bad Request 401 Unauthorized "
    b"403 Forbidden 404 Not Found 405 Method Not Allowed 408 Request Timeout 409 Conflict "
    b"411 Length Required 413 Content Too Large 414 URI Too Long 415 Unsupported Media Type "
    b"431 Request Header Fields Too Large 500 Internal Server Error 501 Not Implemented "
    b"503 Service Unavailable 505 HTTP Version Not Supported 599"
)

JSON = "application/json"
_HEAD = (
    b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n%s\r\n"
)


def reason(status):
    """Return the reason phrase of an HTTP status as bytes: b"Not Found"."""
    at = _REASONS.find(b"%d " % status)
    if at < 0:
        return b"Status"
    end = at + 4
    while not 48 <= _REASONS[end] <= 57:
        end += 1
    return _REASONS[at + 4 : end - 1]


def whole(status, body, content_type=JSON, headers=b""):
    """Return a complete answer as bytes.  body: bytes.  headers: lines, each with CR LF."""
    return head(status, len(body), content_type, headers) + body


def head(status, length, content_type=JSON, headers=b""):
    """Return the head of an answer of `length` bytes of body."""
    return _HEAD % (status, reason(status), content_type, length, headers)


def dumps(value):
    """Return `value` (dict or list) as JSON in UTF-8 bytes."""
    return json.dumps(value).encode()


class Pieces:
    """An answer too long to be built whole: its body comes as str or bytes, a piece at a time.

    make: a function of no arguments that returns a fresh generator of pieces.
    It is run twice, once to count and once to send, so it must give the same
    both times: let it close over what it shows.
    """

    def __init__(self, make, content_type=JSON, headers=b""):
        self.make = make
        self.content_type = content_type
        self.headers = headers

    def length(self):
        return sum(len(p.encode()) if isinstance(p, str) else len(p) for p in self.make())


class Response:
    """What handlers get as `resp`; a picoweb program uses it as its stream writer.

    What is written gathers in one buffer and leaves in one write.  An answer
    that picoweb.start_response began gets its Content-Length when it fits
    there; a longer one goes out as it comes and ends with the connection.
    """

    buf = None  # made at the first awrite
    gap = 0  # where the room for Content-Length begins; 0: there is none
    n = 0  # bytes in buf
    sent = False  # some of the answer has left

    def __init__(self, req):
        self.req = req

    def get_extra_info(self, name):
        return self.req.stream.get_extra_info(name)

    async def send(self, data):
        """Hand `data` (bytes) to the network; returns when the chip has taken it all."""
        self.sent = True
        stream = self.req.stream
        stream.write(data)
        if stream.out_buf:
            self.req.waiting = True
            await stream.drain()

    async def send_whole(self, answer):
        """Send a complete answer (bytes)."""
        if self.req.method == "HEAD":
            answer = answer[: answer.find(b"\r\n\r\n") + 4]
        await self.send(answer)

    async def send_pieces(self, pieces):
        """Send a Pieces, gathered into as few writes as the send buffer allows."""
        await self.awrite(head(200, pieces.length(), pieces.content_type, pieces.headers))
        if self.req.method != "HEAD":
            for piece in pieces.make():
                await self.awrite(piece)
        await self.drain()

    async def awrite(self, data, off=0, sz=-1):
        if isinstance(data, str):
            data = data.encode()
        view = memoryview(data)[off : len(data) if sz < 0 else off + sz]
        if self.buf is None:
            self.buf = bytearray(SEND)
        if self.n == 0 and not self.sent and data[:9] == b"HTTP/1.0 " and data[-4:] == b"NA\r\n":
            self._start(int(data[9:12]))
            return
        while len(view):
            take = min(len(view), SEND - self.n)
            self.buf[self.n : self.n + take] = view[:take]
            self.n += take
            view = view[take:]
            if self.n == SEND:
                await self.drain()

    awritestr = awrite

    def write(self, data):
        raise OSError("use awrite: it knows the bounds")

    def _start(self, status):
        """Turn picoweb's `HTTP/1.0 200 NA` into a whole status line, and leave the gap."""
        line = b"HTTP/1.1 %d %s\r\nConnection: close\r\n" % (status, reason(status))
        self.gap = len(line)
        self.n = self.gap + _GAP
        self.buf[: self.gap] = line

    async def drain(self):
        """Send what has gathered, without a Content-Length."""
        view = memoryview(self.buf)[: self.n]
        if self.gap:
            # The gap stays unused: move the status line up against the rest.
            view[_GAP : self.gap + _GAP] = bytes(view[: self.gap])
            view = view[_GAP:]
            self.gap = 0
        self.n = 0
        if self.req.method == "HEAD":
            if self.sent:
                return
            view = view[: self._head_end()]
        await self.send(view)

    def _head_end(self):
        end = self.buf.find(b"\r\n\r\n")
        return end + 4 if end >= 0 else self.n

    async def finish(self):
        """Send what is left, with its Content-Length where picoweb began the answer."""
        if self.gap and self.buf.find(b"ontent-Length:", 0, self.n) < 0:
            body = self.n - self._head_end()
            self.buf[self.gap : self.gap + _GAP] = b"Content-Length: %6d\r\n" % body
            self.gap = 0
        if self.n:
            await self.drain()

    async def aclose(self):
        """picoweb programs close at the end; the server does it for them."""
        await self.finish()

    wait_closed = aclose

    def close(self):
        pass
