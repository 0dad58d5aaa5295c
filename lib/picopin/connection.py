"""A client's connection, from accept to the whole request."""

from micropython import const
from uasyncio import core
from utime import ticks_ms

from picopin.errors import Refusal
from picopin.request import Request

START = const(514)  # MAX_LINE + 2: where a new piece lies, an unfinished line before it
_PIPELINED = const(4)  # pieces of a further request that are read and dropped
_ENOTCONN = const(107)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(Request):
    """A request with its socket; asyncio runs it as a task.

    asyncio needs no more of a coroutine than send() and throw().  An object
    that has them keeps no frame and no stream while it waits: a half-open
    connection costs a third less.
    """

    task = None
    work = None  # the coroutine that answers, once there is something to answer

    def __init__(self, server, sock, address):
        self.server = server
        self.sock = sock
        self.address = address  # the client's, a str
        self.since = ticks_ms()

    def send(self, value):
        """Go on: the client has sent something, or takes more of the answer."""
        if self.work is None:
            error = None
            try:
                if not self._took():
                    return _wait(core._io_queue.queue_read, self.sock)
            except Exception as e:
                error = e
            self._answer(error)
        return self.work.send(value)

    def throw(self, e):
        """End: the server has lost patience, or stops."""
        if self.work is not None:
            return self.work.throw(e)
        self._answer(e)
        return self.work.send(None)

    def _answer(self, e):
        try:
            self.work = self.server._handle(self, e)
        except MemoryError:
            self.server.turn_away(self.sock)
            self.server.close(self)
            raise StopIteration

    def _took(self):
        """Take in what has come.  Returns True when the request is whole."""
        server = self.server
        n = self.sock.readinto(server.tail)
        if n:
            whole = self.feed(server.buf, server.view, START, START + n, server.find_route)
            if self.interim:
                self.interim = False
                self.sock.write(_CONTINUE)
            return whole
        if n == 0:  # the end; None is a wake-up for nothing
            if self.begun():
                raise Refusal("incomplete")
            raise OSError(_ENOTCONN)  # gone before it asked anything

    def linger(self, ms):
        """Wait for the client anew, for so long."""
        self.since = ticks_ms()
        self.patience = ms
        self.waiting = True


def drop(sock, view):
    """Read what else has come: closing over it would reset the answer away."""
    for _ in range(_PIPELINED):
        if not sock.readinto(view):
            break


def readable(sock):  # async
    """Wait until there is something to read, or its end."""
    yield _wait(core._io_queue.queue_read, sock)


def writable(sock):  # async
    """Wait until the network takes more."""
    yield _wait(core._io_queue.queue_write, sock)


def _wait(queue, sock):
    try:
        queue(sock)
    except MemoryError:
        core._io_queue.remove(core.cur_task)  # half of it may stand there
        raise
