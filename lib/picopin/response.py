"""Answers: in one write where it fits.  Longer ones are written by cold.stream."""

from utime import ticks_ms

from picopin import cold
from picopin.request import writable

# The answer to nearly every request, made in one go.
_OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s"
)

# For the long answer whose turn it is, as large as the chip's send buffer
# (TCP_SND_BUF): made now, since later there might be no such piece of heap.
buf = bytearray(1072)
current = None  # the Response whose turn it is


def ok(body):
    """Return a complete answer 200 with `body` (bytes of JSON)."""
    return _OK % (len(body), body)


class Response:
    """What handlers get as `resp`: send() for a whole answer, and what cold.stream has."""

    sent = False  # some of the answer has left
    closed = False  # by its handler
    stream = None  # what writes in pieces, once somebody does

    def __init__(self, req):
        self.req = req

    def __getattr__(self, name):
        if self.stream is None:
            self.stream = cold("stream").Stream(self)
        return getattr(self.stream, name)

    async def send(self, data):
        """Hand `data` (bytes) to the network; returns when the chip has taken it all."""
        self.sent = True
        req = self.req
        if req.kept:
            req.since = ticks_ms()
        if req.method == "HEAD":
            end = bytes(data).find(b"\r\n\r\n")
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
