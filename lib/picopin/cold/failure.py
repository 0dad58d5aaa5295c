"""A request that is not answered as it wished: what it is told."""

import pkg_resources

from picopin import Refusal, cold
from picopin.wire import Response


async def answer(server, req, resp, e):
    """Answer what the exception `e` means to the client."""
    if resp is None:
        resp = req.resp = Response()
        resp.req = req
    if isinstance(e, Refusal):
        server.refused += 1
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
