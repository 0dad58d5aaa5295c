"""Long answers, sent piece by piece as the network takes them, none of them built whole."""

import pkg_resources
from micropython import const

from picopin import cold
from picopin.wire import buf

_SIZE = const(1072)  # bytes of buf: what lwIP takes at once on the ESP8266, two segments of 536
_BLOCK = const(256)  # bytes read at once from a file


async def send(req):
    """Send the long answer that the handler returned (see web.Server), and close.

    Returns as Server._handle does, which answers where this fails.
    """
    try:
        head, pieces = _made(req, *(req.result() if callable(req.result) else req.result))
        n = len(head)
        buf[:n] = head
        for piece in pieces if req.method != "HEAD" else ():
            rest = memoryview(piece if isinstance(piece, bytes) else piece.encode())
            while len(rest):
                taken = min(len(rest), _SIZE - n)
                buf[n : n + taken] = rest[:taken]
                rest = rest[taken:]
                n += taken
                if n == _SIZE:
                    await req.resp.send(buf)
                    n = 0
        if n:
            await req.resp.send(memoryview(buf)[:n])
        req.server.done(req)
        return None
    except BaseException as e:
        failure = e
    head = pieces = piece = rest = None  # they may be what takes the memory
    return await req.server._handle(req, failure)


def _made(req, make, shown=(), content_type="application/json", headers=b""):
    """Return head and pieces.  What is made is made twice: to be counted, and to be sent."""
    if isinstance(make, str):  # the name of a file; then comes its head
        return shown, _blocks(pkg_resources.resource_stream(req.server.pkg, make))
    length = sum(len(p) if isinstance(p, bytes) else len(p.encode()) for p in make(*shown))
    return cold("head").head(200, length, content_type, headers), make(*shown)


def _blocks(f):
    block = f.read(_BLOCK)
    while block:
        yield block
        block = f.read(_BLOCK)
    f.close()
