"""One HTTP request, taken in from the pieces in which it arrives.

Nothing is stored but the request line, the headers that are needed, and the
unfinished end of a piece; everything else is checked and dropped in place.
What few requests need is in cold.oddities.  Sections are those of RFC 9112.
"""

import picoweb
from micropython import const

from picopin import cold
from picopin.errors import Refusal

MAX_LINE = const(512)  # bytes: the request line, and one header line
_MAX_HEAD = const(4096)  # bytes: all header lines together
_MAX_HEADERS = const(64)  # lines
_MAX_BODY = const(512)  # bytes

FOREVER = const(0x3FFFFFFF)  # the length of a body whose end is not known
LINE = const(0)  # waiting for the request line
HEAD = const(1)  # in the headers
BODY = const(2)  # in the body
WHOLE = const(3)  # all of it is here


def _key(name):
    return len(name) << 16 | (name[0] | 32) << 8 | name[-1] | 32


# The headers that a firmware needs; whatever else a browser sends is passed over.
# Under a name's length and first and last letter, which tell names apart without a copy.
NEEDED = {
    _key(name): name
    for name in (
        b"Host",
        b"Accept",
        b"Accept-Encoding",
        b"Authorization",
        b"Content-Length",
        b"Content-Type",
        b"Expect",
        b"If-None-Match",
        b"Origin",
        b"Purpose",
        b"Referer",
        b"Sec-Purpose",
        b"Transfer-Encoding",
        b"X-Moz",
    )
}
_HTTP = b" HTTP/1.1\r"
_METHODS = {b"POST": "POST", b"PUT": "PUT", b"HEAD": "HEAD", b"DELETE": "DELETE"}


class Request(picoweb.HTTPRequest):
    """What handlers get as `req`: method, path, qs, headers, body, stream.

    where, query: path and query string as bytes; path, qs: as str, made when
    asked for.  headers: dict of bytes (`b"Content-Length"`) to bytes.  body:
    bytes, when state is WHOLE.  since, patience: when the present wait began
    (ticks) and how long it may take (ms); waiting: for the client, not for us.
    """

    # Defaults live in the class: an open connection costs only what it has set.
    method = "GET"
    where = b"/"
    query = body = b""
    route = None  # what the router found: (pattern, handler, options)
    mode = "needed"  # which headers are kept: "needed", "parse", "skip", "leave"
    old = False  # HTTP/1.0
    authority = None  # the host in the request line, which counts before the Host header
    interim = False  # the client waits for `100 Continue`
    raw = b""  # the header lines as they came, for mode "leave"
    _reader = None
    marked = False  # a header came that tells whence, or how, a browser asks
    skipping = False  # in a long header line that nobody needs
    state = LINE
    rest = b""  # an unfinished line, or the body so far
    lines = 0  # header lines so far
    size = 0  # their bytes
    length = 0  # Content-Length, bytes
    pos = end = 0  # what of the buffer feed() had not taken when it refused
    headers = None  # a dict once there is a request line
    resp = None  # the Response, once there is one
    patience = None  # None: the server's for a whole request, or for its answer
    waiting = False  # for the client to take its answer, or to go
    kept = False  # the handler keeps the connection
    known_host = b"\n"  # the last Host that was found good, of all requests
    cut = False  # the server has lost patience
    refused = False  # and has been told so

    @property
    def path(self):
        return self.where.decode()

    @property
    def reader(self):
        """What picoweb programs read the body from, and with "leave" the headers before it."""
        if self._reader is None:
            self._reader = cold.use("oddities").Reader(self)
        return self._reader

    @property
    def qs(self):
        return self.query.decode()

    def begun(self):
        """Return True once any byte of the request has arrived."""
        return self.state != LINE or bool(self.rest)

    def refuse(self, code, pos, end):
        """Raise Refusal, noting that buf[pos:end] is still to be read over."""
        self.pos = pos
        self.end = end
        raise Refusal(code)

    def feed(self, buf, view, start, end, router):
        """Take in the new piece buf[start:end].  Return True when the request is whole.

        view: a memoryview of buf, made once.  There is room for MAX_LINE bytes
        before `start`.  router: called as router(req) once method and path are
        known; returns the mode for headers.  Raises Refusal for what no server
        should take.
        """
        if self.state < BODY:
            if self.rest:
                start -= len(self.rest)
                buf[start : start + len(self.rest)] = self.rest
                self.rest = b""
            if self.state == LINE:
                start = self._request_line(buf, view, start, end, router)
            if self.state == HEAD:
                start = self._headers(buf, view, start, end)
            if self.state < BODY:
                return False
        if self.length:
            self.rest += bytes(view[start:end])
            if len(self.rest) < self.length:
                return False
            self.body = self.rest[: self.length]  # what follows is not read: section 9.3
        self.state = WHOLE
        return True

    def _request_line(self, buf, view, start, end, router):
        """Take the request line, section 3.  Returns where the headers begin."""
        stop = buf.find(b"\n", start, end)
        if (stop if stop >= 0 else end) - start > MAX_LINE:
            self.refuse("uri_too_long", stop + 1 if stop >= 0 else end, end)
        if stop < 0:
            self.rest = cold.use("oddities").unfinished(self, buf, start, end)
            return end
        if stop - start <= 1 and not self.lines:
            self.lines = 1  # one empty line before the request is passed over, section 2.2
            return self._request_line(buf, view, stop + 1, end, router)
        if self.lines:
            self.lines = 0
        at = buf.find(b" ", start, stop) + 1
        method = "GET"
        if not buf.startswith(b"GET ", start):
            method = self.method = _METHODS.get(bytes(view[start : max(start, at - 1)]))
        space = stop - 10  # before HTTP/1.1 and CR
        plain = method and buf.startswith(_HTTP, space) and buf.find(b" ", at, stop) == space
        if plain and buf.startswith(b"/?", at):
            self.query = bytes(view[at + 2 : space])
        else:
            target = bytes(view[at:space])
            if not plain or target[:1] != b"/" or max(target) > 126:
                self.pos = stop + 1
                self.end = end
                target = cold.use("oddities").request_line(self, bytes(view[start:stop]))
            at = target.find(b"?")
            if at < 0:
                self.where = target
            else:
                self.where = target[:at]
                self.query = target[at + 1 :]
        self.headers = {}
        self.state = HEAD
        mode = router(self)
        if mode != "needed":
            self.mode = mode
        return stop + 1

    def _headers(self, buf, view, start, end):
        """Take what header lines are whole, section 5.  Returns where the rest begins."""
        # The hot loop: locals and built-ins only, two searches a line.
        find = buf.find
        needed = NEEDED if self.mode == "needed" else None
        lines = self.lines
        first_line = start
        while True:
            stop = find(b"\n", start, end)
            if stop < 0:
                self._unfinished(buf, view, start, end)
                break
            first = buf[start]
            if first > 32 and not self.skipping:
                lines += 1
                colon = find(b":", start, stop)
                last = buf[colon - 1]
                if colon < 0 or last <= 32 or colon - start > MAX_LINE:
                    self._bad_name(start, colon if colon >= 0 else stop, stop + 1, end)
                if needed is None:
                    cold.use("oddities").keep(self, buf, view, start, colon, stop, end)
                elif (colon - start) << 16 | (first | 32) << 8 | last | 32 in needed:
                    self.keep(buf, view, start, colon, stop, end)
            elif self.skipping:
                self.skipping = False
            elif stop - start <= 1:  # the blank line; LF alone ends a line too, section 2.2
                self.state = BODY
                break
            else:  # a folded line: section 5.2
                self.refuse("bad_header", stop + 1, end)
            start = stop + 1
        size = self.size + start - first_line
        if size > _MAX_HEAD or lines > _MAX_HEADERS:
            self.refuse("header_too_large", start, end)
        if self.state == HEAD:
            self.lines = lines
            self.size = size
            return end
        self._framing(stop + 1, end)
        return stop + 1

    def _unfinished(self, buf, view, start, end):
        """Hold a header line back; one over the limit is passed over, unless it is needed."""
        if end - start <= MAX_LINE and not self.skipping:
            self.rest = bytes(view[start:end])
            return
        if not self.skipping:
            colon = buf.find(b":", start, start + MAX_LINE + 1)
            if buf[start] <= 32:
                self.refuse("bad_header", end, end)
            if colon < 0 or buf[colon - 1] <= 32:
                self._bad_name(start, colon if colon >= 0 else end, end, end)
            if self.mode in ("parse", "leave") or self.needed(buf, view, start, colon):
                self.refuse("header_too_large", end, end)
        self.skipping = True
        self.size += end - start

    def _bad_name(self, start, stop, pos, end):
        """Refuse a line whose name would end at `stop`, alike wherever the network cuts it.

        Section 5.1 has no space before the colon.
        """
        self.refuse("bad_header" if stop - start <= MAX_LINE else "header_too_large", pos, end)

    def needed(self, buf, view, start, colon):
        """Return the header's name as it is kept, or None where it is not needed."""
        name = NEEDED.get((colon - start) << 16 | (buf[start] | 32) << 8 | buf[colon - 1] | 32)
        if name and (
            buf.startswith(name, start) or bytes(view[start:colon]).lower() == name.lower()
        ):
            return name

    def keep(self, buf, view, start, colon, stop, end):
        """Keep a header line, if it is needed."""
        name = self.needed(buf, view, start, colon)
        if not name:
            return
        if stop - start > MAX_LINE:
            self.refuse("header_too_large", stop + 1, end)
        if name in self.headers and (name == b"Host" or name == b"Content-Length"):
            # Two answers to one question: sections 3.2 and 6.3.
            self.refuse("bad_header", stop + 1, end)
        if name[0] > 78:  # from O on: Origin, Referer, Purpose and their like
            self.marked = True
        start = colon + 1
        while buf[start] == 32 or buf[start] == 9:
            start += 1
        while stop > start and buf[stop - 1] <= 32:
            stop -= 1
        known = self.known_host
        if stop - start == len(known) and buf.startswith(known, start):
            self.headers[name] = known  # most requests bring the same: no copy
        else:
            self.headers[name] = bytes(view[start:stop])

    def _framing(self, pos, end):
        """Find out from the headers where the body ends, section 6.3."""
        headers = self.headers
        if self.authority:
            headers[b"Host"] = self.authority  # section 3.2.2
        if b"Host" not in headers and not self.old:
            self.state = WHOLE
            raise Refusal("no_host")  # section 3.2
        if b"Transfer-Encoding" in headers or b"Content-Length" in headers:
            self.pos = pos
            self.end = end
            self.length = cold.use("oddities").body_length(self, _MAX_BODY)

    def read_form_data(self):
        """As in picoweb: puts the body's form into req.form.  To be used with yield from."""
        self.form = picoweb.parse_qs(self.body.decode())
        return
        yield
