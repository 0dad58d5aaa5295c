"""Header lines that are too long or are none, and the rest of a request that was refused.

Works on a picopin.request.Request.  Sections are those of RFC 9112.
"""

from picopin import request
from picopin.headers import MAX_LINE, needed, refuse
from picopin.wire import linger


def take(req, buf, view, start, end):
    """A header line over the limit is passed over, unless it is needed."""
    if not req.skipping:
        colon = buf.find(b":", start, start + MAX_LINE + 1)
        if buf[start] <= 32:
            refuse(req, "bad_header", end, end)
        if colon <= start or buf[colon - 1] <= 32:
            bad_name(req, start, colon, end, end)
        if req.mode in ("parse", "leave") or needed(view, start, colon):
            refuse(req, "header_too_large", end, end)
    req.skipping = True
    req.size += end - start


def bad_name(req, start, colon, stop, end):
    """Refuse a line without a name before its colon (-1: none), alike wherever it is cut.

    Section 5.1 has no space before the colon.
    """
    long = (colon if colon >= 0 else stop) - start > MAX_LINE
    refuse(req, "header_too_large" if long else "bad_header", min(stop + 1, end), end)


def begin(req):
    """Pass over what had come of a request when it was refused.

    Returns True where more of it is to be expected: closing over unread input would
    reset the answer away.
    """
    if not req.end:
        return False  # the client has ended what it sends
    server = req.server
    linger(req, server.LINGER_MS)
    # The end of the line that was refused may be the first of the blank line's.
    req.rest = b"\n" if req.pos and server.buf[req.pos - 1] == 10 else b""
    return _discard(req, server.buf, req.pos, req.end)


def go_on(req):
    """Pass over what comes now.  Returns True while more is to be expected."""
    server = req.server
    at = len(req.rest)
    n = req.sock.readinto(server.view[at:])
    return n is None or n > 0 and _discard(req, server.buf, at, at + n)


def _discard(req, buf, start, end):
    """Pass over buf[start:end]: up to the blank line, or the body's end.  Returns as go_on does."""
    if req.state < request.BODY:
        n = len(req.rest)
        buf[start - n : start] = req.rest  # it came just before
        start -= n
        if buf.find(b"\n\r\n", start, end) >= 0 or buf.find(b"\n\n", start, end) >= 0:
            return False
        req.rest = bytes(buf[max(start, end - 2) : end])
        return True
    req.length -= end - start
    return req.state == request.BODY and req.length > 0
