"""The header lines of a request, found in the pieces in which they arrive, section 5 of RFC 9112.

Those that are needed are kept, all others are checked and passed over in place.
A client mostly sends the very same ones each time: they are known again by one
comparison.  What few requests have is in cold.overlong and cold.framing.
"""

from micropython import const

from picopin import Refusal, cold
from picopin.wire import Response

MAX_LINE = const(512)  # bytes of one line; the request line may have as many
_MAX_HEAD = const(4096)  # bytes: all header lines together, of which there are at most:
_MAX_HEADERS = const(64)
_PER_LINE = const(8192)  # in a request's size: one line
_LONG_ACCEPT = const(16)  # bytes

# The headers that are needed.  One that another ends with comes first.
_NEEDED = (
    b"\nHost:\nAccept:\nOrigin:\nReferer:\nPurpose:\nSec-Purpose:\nX-Moz:\nExpect:\nIf-None-Match:\n"
    b"Authorization:\nAccept-Encoding:\nContent-Length:\nContent-Type:\nTransfer-Encoding:"
)
_SMALL = (  # the same in small letters: a copy made for each request would want room
    b"\nhost:\naccept:\norigin:\nreferer:\npurpose:\nsec-purpose:\nx-moz:\nexpect:\nif-none-match:\n"
    b"authorization:\naccept-encoding:\ncontent-length:\ncontent-type:\ntransfer-encoding:"
)
_ACCEPT = b"Accept"
_CODING = b"Accept-Encoding"
# By their lengths, the names that a browser sends: no copy for each request.
_MANY = {4: b"Host", 6: _ACCEPT, 15: _CODING}
_MARKS = const(0xA115269)  # a bit for each of them: of length * 6 + the last letter, modulo 28

host = b"\n"  # the last Host that was found good
known = None  # a whole head that came twice, what was kept of it, req.marked; may be dropped
_size = 0  # bytes of the last head


def take(req, buf, view, start, end):
    """Take in what buf[start:end] has of the headers.  Returns where the rest begins.

    view: a memoryview of buf.  Raises Refusal; with the blank line, req.state
    goes from HEAD to BODY.
    """
    plain = req.mode == "needed" and not req.size and req.authority is None
    if plain and known:
        head, kept, marked = known
        if len(head) <= end - start and buf.startswith(head, start):
            req.headers = kept
            if marked:
                req.marked = True
            req.state += 1
            return start + len(head)
    first = start
    start = _lines(req, buf, view, start, end)
    if not start:
        return end
    req.state += 1
    headers = req.headers
    if (
        b"Host" not in headers
        or b"Content-Length" in headers
        or b"Transfer-Encoding" in headers
        or req.authority
    ):  # section 6.3 has what it then means
        req.pos = start
        req.end = end
        cold("framing").body(req)
    elif plain and start - first <= MAX_LINE:
        _learn(view[first:start], headers, req.marked)
    return start


def refuse(req, code, pos, end):
    """Raise Refusal, noting that buf[pos:end] is still to be read over."""
    req.pos = pos
    req.end = end
    raise Refusal(code)


def _learn(head, headers, marked):
    """Keep a head that has come again: it will once more."""
    global known, _size
    # The first of this size is only counted: many come but once.  A long answer wants the room.
    if len(head) == _size and not Response.current:
        try:
            known = bytes(head), headers, marked
        except MemoryError:
            pass  # the next time, then
    _size = len(head)


def _lines(req, buf, view, start, end):
    """Take what lines are whole.  Returns what is behind the blank one, 0 where it has not come."""
    find = buf.find
    marks = _MARKS if req.mode == "needed" else -1  # a picoweb program's _keep() has all
    lines = req.size // _PER_LINE
    first_line = start
    over = 0
    while True:  # the hot loop: locals and built-ins only, two searches a line
        stop = find(b"\n", start, end)
        if stop < 0:
            if end - start <= MAX_LINE and not req.skipping:
                req.rest = bytes(view[start:end])
            else:
                cold("overlong").take(req, buf, view, start, end)
            break
        first = buf[start]
        if first > 32 and not req.skipping:
            lines += 1
            colon = find(b":", start, stop)
            last = buf[colon - 1]
            if colon <= start or last <= 32 or colon - start > MAX_LINE:
                cold("overlong").bad_name(req, start, colon, stop, end)
            if marks >> ((colon - start) * 6 + (last | 32)) % 28 & 1:
                _keep(req, buf, view, start, colon, stop, end)
        elif req.skipping:
            req.skipping = False
        elif stop - start <= (first == 13):  # the blank line; LF alone ends a line too, section 2.2
            over = stop + 1
            break
        else:  # a folded line: section 5.2
            refuse(req, "bad_header", stop + 1, end)
        start = stop + 1
    size = req.size % _PER_LINE + start - first_line
    if size > _MAX_HEAD or lines > _MAX_HEADERS:
        refuse(req, "header_too_large", start, end)
    if not over:
        req.size = lines * _PER_LINE + size
    elif req.size:
        del req.size  # a request's attributes are a table that grows with them
    return over


def _keep(req, buf, view, start, colon, stop, end):
    """Keep a header line, if it is needed."""
    if req.mode != "needed" and not cold("programs").keep(req, buf, view, start, colon, stop, end):
        return
    name = needed(view, start, colon)
    if not name:
        return
    if stop - start > MAX_LINE:
        refuse(req, "header_too_large", stop + 1, end)
    same = _MANY.get(len(name))
    if same == name:
        name = same
    headers = req.headers
    if name in headers and (name == b"Host" or name == b"Content-Length"):
        # Two answers to one question: sections 3.2 and 6.3.
        refuse(req, "bad_header", stop + 1, end)
    if name[0] > 78:  # from O on: Origin, Referer, Purpose and their like
        req.marked = True
    start = colon + 1
    while buf[start] == 32 or buf[start] == 9:
        start += 1
    while stop > start and buf[stop - 1] <= 32:
        stop -= 1
    short = _short(name, buf, view, start, stop) if req.mode == "needed" else None
    headers[name] = short or bytes(view[start:stop])


def _short(name, buf, view, start, stop):
    """Return an object that is there and says as much as is asked of a header, or None."""
    if stop - start == len(host) and buf.startswith(host, start):
        return host  # most requests bring the same
    if name is _ACCEPT and stop - start > _LONG_ACCEPT:
        page = buf.find(b"text/html", start, stop) >= 0
        if page != (bytes(view[start : start + 6]).lower() == b"image/"):
            return b"text/html" if page else b"image/"
    elif name is _CODING and buf.find(b"gzip", start, stop) >= 0:
        return b"gzip"


def needed(view, start, colon):
    """Return the name at buf[start:colon] as it is kept, or None where it is not needed."""
    name = bytes(view[start : colon + 1])
    at = _NEEDED.find(name)
    at = at if at >= 0 else _SMALL.find(name.lower())
    if at > 0 and _NEEDED[at - 1] == 10:
        return _NEEDED[at : at + colon - start]
