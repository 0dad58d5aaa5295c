"""A request that is not answered as it wished: what it is told, and how it is read to its end."""

import pkg_resources
import uasyncio as asyncio

from picopin import Refusal, cold
from picopin.wire import Response, linger, readable


async def answer(server, req, resp, e):
    """Answer what the exception `e` means to the client."""
    if resp is None:
        resp = req.resp = Response(req)
    if isinstance(e, Refusal):
        server.refused += 1
        if e.delay:
            req.waiting = True  # it may be cut off when all places are taken
            await asyncio.sleep_ms(e.delay)
    else:
        fault(server, req, e)
        e = Refusal("fault")
    if not resp.sent:  # else part of another answer is out: only closing is honest
        await resp.send(whole(e))


def fault(server, req, e):
    """Count and log an exception that is nobody's fault but ours."""
    server.faults += 1
    if server.log:
        server.log.exc(e, "%s %s", req.method, req.where)


def hang_up(req):
    """A client's time is up: say so if a request had begun and nothing was answered."""
    if req.resp is None and (req.state or req.rest):
        try:
            req.sock.write(whole(Refusal("too_slow")))
        except OSError:
            pass  # closing says it too


def whole(refusal):
    """Return the whole answer, as bytes."""
    return cold("head").whole(*report(refusal))


def report(refusal):
    """Return (HTTP status, the contract's JSON object as a dict, further header lines)."""
    wanted = refusal.code.encode() + b" "
    with pkg_resources.resource_stream("picopin", "static/errors.txt") as f:
        for line in f:
            if line[4 : 4 + len(wanted)] == wanted:
                break
    error = {"code": refusal.code, "message": line[4 + len(wanted) :].strip().decode()}
    if refusal.fill:
        error["message"] %= refusal.fill
    if refusal.param is not None:
        error["param"] = refusal.param
    if refusal.allowed is not None:
        error["allowed"] = refusal.allowed
    return int(line[:3]), {"error": error}, refusal.headers


async def read_out(server, req):
    """Read what is still coming: closing over unread input would reset the answer away."""
    if not req.end:
        return  # the client has ended what it sends
    linger(req, server.LINGER_MS)
    # The end of the line that was refused may be the first of the blank line's.
    req.rest = b"\n" if req.pos and server.buf[req.pos - 1] == 10 else b""
    discard = cold("overlong").discard
    more = discard(req, server.buf, req.pos, req.end)
    while more:
        await readable(req.sock)
        at = len(req.rest)
        n = req.sock.readinto(server.view[at:])
        if not n:
            return
        more = discard(req, server.buf, at, at + n)
