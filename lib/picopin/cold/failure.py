"""A request that is not answered as it wished: what it is told, and how it is read to its end."""

import uasyncio as asyncio

from picopin import cold
from picopin.request import START, readable
from picopin.errors import Refusal
from picopin.response import Response, whole


async def answer(server, req, resp, e):
    """Answer what the exception `e` means to the client."""
    if isinstance(e, Refusal):
        req.refused = True
        server.refused += 1
        if e.delay:
            req.waiting = True  # it may be cut off when all places are taken
            await asyncio.sleep_ms(e.delay)
    else:
        server.fault(req, e)
        e = Refusal("fault")
    if resp is None:
        resp = req.resp = Response(req)
    if not resp.sent:  # else part of another answer is out: only closing is honest
        status, report = e.report()
        await resp.send(whole(status, report, e.headers))


async def read_out(server, req):
    """Read what is still coming: closing over unread input would reset the answer away."""
    if not req.end:
        return  # the client has ended what it sends
    req.linger(server.LINGER_MS)
    if server.buf[req.pos - 1] == 10:
        req.rest = b"\n"  # the end of the line that was refused
    discard = cold.use("oddities").discard
    more = discard(req, server.buf, req.pos, req.end)
    while more:
        await readable(req.sock)
        n = req.sock.readinto(server.tail)
        if not n:
            return
        more = discard(req, server.buf, START, START + n)
