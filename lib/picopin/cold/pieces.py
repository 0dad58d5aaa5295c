"""Long answers, sent piece by piece as the network takes them, none of them built whole."""

import pkg_resources
from micropython import const
from uasyncio import core

from picopin import Refusal, cold
from picopin.wire import buf, wait

_BLOCK = const(256)  # bytes read at once from a file


def send(req):  # async
    """Send the long answer that the handler returned (see web.Server), and close.

    Returns as Server._handle does, which answers where this fails.
    """
    try:
        head, pieces = _made(req, *(req.result() if callable(req.result) else req.result))
        rest = memoryview(head)
        while rest:
            n = 0
            while rest and n < len(buf):
                taken = min(len(rest), len(buf) - n)
                buf[n : n + taken] = rest[:taken]
                n += taken
                rest = rest[taken:] or _next(pieces)
            view = memoryview(buf)[:n]
            req.resp.sent = True
            while len(view):
                view = view[req.sock.write(view) or 0 :]
                if len(view):
                    req.waiting = True
                    yield wait(core._io_queue.queue_write, req.sock)
        req.server.done(req)
        return None
    except BaseException as e:
        failure = e
    head = pieces = rest = None  # they may be what takes the memory
    return (yield from req.server._handle(req, failure))


def _next(pieces):
    """Return the next piece that is not empty as a memoryview, an empty one behind the last."""
    for piece in pieces:
        if piece:
            return memoryview(piece if isinstance(piece, bytes) else piece.encode())
    return memoryview(b"")


def _made(req, make, shown=b"", content_type="application/json", headers=b""):
    """Return head and pieces.  What is made is made twice: to be counted, and to be sent."""
    if isinstance(make, str):  # the name of a file; then comes its head
        head = shown
        try:
            pieces = _blocks(pkg_resources.resource_stream(req.server.pkg, make))
        except OSError:
            raise Refusal("no_such_path")
    else:
        length = sum(len(p) if isinstance(p, bytes) else len(p.encode()) for p in make(*shown))
        head = cold("head").head(200, length, content_type, headers)
        pieces = make(*shown)
    return head, pieces if req.method != "HEAD" else ()


def _blocks(f):
    block = f.read(_BLOCK)
    while block:
        yield block
        block = f.read(_BLOCK)
    f.close()
