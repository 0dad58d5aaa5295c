"""Header lines that are too long or are none, and the rest of a request that was refused.

Works on a picopin.request.Request.  Sections are those of RFC 9112.
"""

from picopin import request
from picopin.headers import MAX_LINE, needed, refuse


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


def discard(req, buf, start, end):
    """Pass over what a refused client still sends: up to the blank line, or its body's end.

    Returns True while more of it is to be expected.
    """
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
