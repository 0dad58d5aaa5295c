"""What goes over a socket: waiting for it, reading what is left, and answers in one write."""

from micropython import const
from uasyncio import core
from utime import ticks_ms

from picopin import cold

_EBADF = const(9)
_PIPELINED = const(4)  # pieces of a further request that are read and dropped

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
LEFT = (11, 103)  # EAGAIN, ECONNABORTED: a client that left before accept()

# There before memory lacks; a test holds it to what static/errors.txt says.
NO_MEMORY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Content-Length: 76\r\nCache-Control: no-store\r\nConnection: close\r\nRetry-After: 2\r\n\r\n"
    b'{"error": {"code": "no_memory", "message": "no memory just now: try again"}}'
)

# For the long answer whose turn it is, as large as the chip's send buffer
# (TCP_SND_BUF): made now, since later there might be no such piece of heap.
buf = bytearray(1072)


class Response:
    """What handlers get as `resp`: send() for a whole answer, and what cold.stream has."""

    sent = False  # some of the answer has left
    closed = False  # by its handler
    current = None  # of all, the one whose turn it is to be long
    waits = False  # for its turn
    stream = None  # what writes in pieces, once somebody does
    req = None  # that it answers: set by who makes it, since each call of an __init__ costs time

    def __getattr__(self, name):
        if self.stream is None:
            self.stream = shared(self.req, "stream").Stream(self)
        return getattr(self.stream, name)

    def take_turn(self):
        """Begin to be long, if nobody is and nobody waits who came before.  Returns whether so."""
        if Response.current is self:  # asked once more, since memory lacked: it still has its turn
            return True
        free = Response.current is None
        for other in self.req.server.open:
            if other is self.req:
                break
            if other.resp and other.resp.waits:
                free = False
        self.waits = not free
        if free:
            Response.current = self
        return free

    def send(self, data):  # async
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
        if sock is None:  # closed, and the handler has not heard of it
            raise OSError(_EBADF)
        n = sock.write(data)
        while n != len(data):
            if n:
                data = memoryview(data)[n:]
            req.waiting = True
            yield wait(core._io_queue.queue_write, sock)
            n = sock.write(data)


def drop(sock, view):
    """Read what else has come: closing over it would reset the answer away."""
    left = _PIPELINED
    while left and sock.readinto(view):
        left -= 1


def shared(req, name):
    """Return a cold module that `req` uses while it waits: all who wait share one copy."""
    for other in req.server.open:
        if other.uses and other.uses.__name__ == name:
            req.uses = other.uses
            return req.uses
    req.uses = cold(name)
    return req.uses


def linger(req, ms):
    """Let a request's client take its time anew, so many milliseconds."""
    req.since = ticks_ms()
    req.patience = ms
    req.waiting = True


def readable(sock):  # async
    """Wait until there is something to read, or its end."""
    yield wait(core._io_queue.queue_read, sock)


def wait(queue, sock):
    """Have asyncio wake the present task when `queue` (of core._io_queue) says so of `sock`."""
    try:
        queue(sock)
    except MemoryError:
        core._io_queue.remove(core.cur_task)  # half of it may stand there
        raise
