"""Answers as picoweb programs write them, piece by piece; and the rest of one write."""

from micropython import const

from picopin import cold

_SEND = const(1072)  # bytes lwIP takes at once on the ESP8266: two segments of 536
_GAP = const(22)  # len("Content-Length: 1072\r\n")
_END = b"\r\n\r\n"


class Stream:
    """What a Response has besides send(); a picoweb program uses it as its stream writer.

    What is written gathers in one buffer and leaves in one write.  An answer
    that picoweb.start_response began gets its Content-Length when it fits
    there; a longer one goes out as it comes and ends with the connection.
    """

    buf = bytearray()  # made at the first awrite
    gap = 0  # where the room for Content-Length begins; 0: there is none
    n = 0  # bytes in buf

    def __init__(self, resp):
        self.resp = resp

    async def answer(self):
        """Send what the handler returned, or what is left of it.  Returns as Request.work does."""
        resp = self.resp
        req = resp.req
        result = req.result
        if hasattr(result, "send"):  # a generator, or an async def's coroutine
            result = await result
            req.kept = result is False and not resp.closed  # by the handler, as in picoweb
            if callable(result) or isinstance(result, tuple):
                req.result = result
                return 0  # a long answer, which comes in its turn
        if req.kept:
            pass
        elif isinstance(result, memoryview):
            await resp.send(result)
        elif self.n or resp.sent or resp.closed:  # the handler has written by itself
            await self.aclose()
        elif isinstance(result, bytes):
            await resp.send(result)
        elif isinstance(result, (dict, list)):
            await resp.send(cold("head").whole(200, result))
        else:
            raise ValueError("the handler gave no answer")

    async def awrite(self, data, off=0, sz=-1):
        if isinstance(data, str):
            data = data.encode()
        if sz >= 0:
            data = memoryview(data)[off : off + sz]
        if not self.buf:
            self.buf = bytearray(_SEND)
        if not (self.n or self.resp.sent) and data[:9] == b"HTTP/1.0 " and data[-4:] == b"NA\r\n":
            # picoweb's `HTTP/1.0 200 NA`: a whole status line, and the gap behind it.
            status = int(data[9:12])
            line = b"HTTP/1.1 %d %s\r\nConnection: close\r\n" % (
                status,
                cold("head").reason(status),
            )
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

    async def drain(self, line=b""):
        """Send what has gathered; `line` fills the gap."""
        view = memoryview(self.buf)[: self.n]
        if self.gap:
            # What stays free of it comes first: move the status line up against the rest.
            free = _GAP - len(line)
            view[self.gap + free : self.gap + _GAP] = line
            view[free : self.gap + free] = bytes(view[: self.gap])
            view = view[free:]
            self.gap = 0
        self.n = 0
        if len(view) and not (self.resp.sent and self.resp.req.method == "HEAD"):
            await self.resp.send(view)

    async def aclose(self):
        """Send what is left, with its Content-Length where picoweb began the answer."""
        line = b""
        if self.gap and self.buf.find(b"ontent-Length:", 0, self.n) < 0:
            line = b"Content-Length: %d\r\n" % (self.n - self.buf.find(_END) - 4)
        await self.drain(line)
        self.resp.closed = True
        req = self.resp.req
        if req.kept and req in req.server.open:  # the handler has gone on by itself, and ends it
            req.server.close(req)
