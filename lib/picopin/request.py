"""One HTTP request, taken in from the pieces in which it arrives.

Nothing is stored but the request line, the headers that are needed, and the
unfinished end of a piece; everything else is checked and dropped in place.
Sections are those of RFC 9112 unless another RFC is named.
"""

import picoweb
from micropython import const

from picopin.errors import Refusal

MAX_LINE = const(512)  # bytes: the request line, and one header line
_MAX_HEAD = const(4096)  # bytes: all header lines together
_MAX_HEADERS = const(64)  # lines
_MAX_BODY = const(512)  # bytes

_FOREVER = const(0x3FFFFFFF)  # the length of a body whose end is not known
_LINE = const(0)  # waiting for the request line
_HEAD = const(1)  # in the headers
_BODY = const(2)  # in the body
_WHOLE = const(3)  # all of it is here

_ONCE = (b"Host", b"Content-Length")  # two answers to one question: sections 3.2 and 6.3


def _key(length, first):
    """A name's length and first letter in one int: tells most headers apart without a copy."""
    return length << 8 | first | 32


# The headers that a firmware needs; whatever else a browser sends is passed over.
_NEEDED = {
    _key(len(name), name[0]): name
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
_TOKEN = b"!#$%&'*+-.^_`|~"  # RFC 9110 section 5.6.2, besides letters and digits
_COMMON = (b"GET", b"HEAD", b"POST", b"PUT")


class Request(picoweb.HTTPRequest):
    """What handlers get as `req`: method, path, qs, headers, body, stream.

    headers: dict of bytes (`b"Content-Length"`) to bytes.  body: bytes once all
    of it is here, else None.  since, patience: when the present wait began
    (ticks) and how long it may take (ms); waiting: for the client, not for us.
    """

    # Defaults live in the class: an open connection costs only what it has set.
    method = None
    path = qs = ""
    body = None
    route = None  # what the router found: (pattern, handler, options)
    mode = "needed"  # which headers are kept: "needed", "parse", "skip", "leave"
    old = absolute = skipping = False
    state = _LINE
    rest = b""  # an unfinished line, or the body so far
    lines = 0  # header lines so far
    size = 0  # their bytes
    length = 0  # Content-Length, bytes
    pos = end = 0  # what of the buffer feed() has not taken
    waiting = True
    cut = False  # the server has lost patience
    refused = False  # and has been told so

    def __init__(self, stream, task, now, patience):
        self.stream = stream
        self.task = task
        self.since = now
        self.patience = patience
        self.headers = {}

    def begun(self):
        """Return True once any byte of the request has arrived."""
        return self.state != _LINE or bool(self.rest)

    def unread(self):
        """Return True while more of this request is to be expected."""
        return self.state != _WHOLE

    def feed(self, buf, start, end, router):
        """Take in the new piece buf[start:end].  Return True when the request is whole.

        There is room for MAX_LINE bytes before `start`.  router: called as
        router(req) once method and path are known; returns the mode for
        headers.  Raises Refusal for what no server should take.
        """
        self.end = end
        if self.rest and self.state < _BODY:
            start -= len(self.rest)
            buf[start : start + len(self.rest)] = self.rest
            self.rest = b""
        if self.state == _LINE:
            start = self._request_line(buf, start, end, router)
        if self.state == _HEAD:
            start = self._headers(buf, start, end)
        if self.state < _BODY:
            return False
        if self.length:
            self.rest += bytes(memoryview(buf)[start:end])
            if len(self.rest) < self.length:
                return False
            self.body = self.rest[: self.length]  # what follows is not read: section 9.3
        else:
            self.body = b""
        self.state = _WHOLE
        return True

    # -- the request line

    def _request_line(self, buf, start, end, router):
        """Take the request line.  Returns where the headers begin."""
        stop = buf.find(b"\n", start, end)
        if stop < 0:
            self.pos = end
            self._unfinished_line(buf, start, end)
            return end
        self.pos = stop + 1
        if stop - start <= 1 and not self.lines:
            self.lines = 1  # one empty line before the request is passed over, section 2.2
            return self._request_line(buf, stop + 1, end, router)
        if stop - start > MAX_LINE:
            raise Refusal("uri_too_long")
        parts = bytes(memoryview(buf)[start:stop]).split(b" ")
        if len(parts) != 3 or not parts[1]:
            raise Refusal("bad_request_line")
        if parts[0] not in _COMMON and not _is_token(parts[0]):
            raise Refusal("bad_request_line")
        self.method = parts[0].decode()
        if parts[2] != b"HTTP/1.1\r":
            self._version(parts[2])
        self._target(parts[1])
        self.lines = 0
        self.state = _HEAD
        self.mode = router(self)
        return stop + 1

    def _unfinished_line(self, buf, start, end):
        """Hold it back; refuse at once what cannot be HTTP (TLS, noise)."""
        if end - start > MAX_LINE:
            raise Refusal("uri_too_long")
        self.rest = bytes(memoryview(buf)[start:end])
        word = self.rest.split(b" ", 1)[0]
        if word.strip() and not _is_token(word):
            self.rest = b""
            raise Refusal("not_http")

    def _version(self, version):
        version = version.strip()  # LF alone ends a line too, section 2.2
        if version == b"HTTP/1.0":
            self.old = True
        elif version == b"HTTP/1.1":
            return
        elif len(version) == 8 and version[:5] == b"HTTP/" and version[6:7] == b".":
            raise Refusal("bad_version")
        else:
            raise Refusal("bad_request_line")

    def _target(self, target):
        """Split the request target, section 3.2, into path and query string."""
        if target[0] != 47:
            target = self._other_form(target)
        at = target.find(b"?")
        try:
            if at < 0:
                self.path = target.decode()
            else:
                self.path = target[:at].decode()
                self.qs = target[at + 1 :].decode()
        except UnicodeError:
            raise Refusal("bad_target")

    def _other_form(self, target):
        """Return the path in an absolute-form (section 3.2.2) or asterisk-form (3.2.4) target."""
        if target[:7].lower() == b"http://":
            end = 7
            while end < len(target) and target[end] not in b"/?":
                end += 1
            self.headers[b"Host"] = target[7:end]
            self.absolute = True
            return target[end:] if target[end : end + 1] == b"/" else b"/" + target[end:]
        if target == b"*" and self.method == "OPTIONS":
            return target
        raise Refusal("bad_target")

    # -- the headers

    def _headers(self, buf, start, end):
        """Take what header lines are whole.  Returns where the rest begins."""
        # The hot loop: locals and built-ins only, two searches a line.
        find = buf.find
        needed = _NEEDED if self.mode != "parse" else None
        lines = self.lines
        first_line = start
        while True:
            stop = find(b"\n", start, end)
            if stop < 0:
                self._unfinished_header(buf, start, end)
                break
            first = buf[start]
            if first <= 32 or self.skipping:
                if self._odd_line(buf, start, stop):
                    break
            else:
                lines += 1
                colon = find(b":", start, stop)
                if colon < 0 or buf[colon - 1] <= 32:  # no space before the colon: section 5.1
                    self.pos = stop + 1
                    raise Refusal("bad_header")
                if needed is None or (colon - start) << 8 | first | 32 in needed:
                    self._keep(buf, start, colon, stop)
            start = stop + 1
        self.lines = lines
        self.size += start - first_line
        if self.size > _MAX_HEAD or lines > _MAX_HEADERS:
            self.pos = start
            raise Refusal("header_too_large")
        if self.state == _HEAD:
            return end
        self.pos = stop + 1
        self._framing()
        return stop + 1

    def _odd_line(self, buf, start, stop):
        """The end of a skipped line, the blank line (then return True), or a mistake."""
        if self.skipping:
            self.skipping = False
            return False
        if start == stop or (buf[start] == 13 and start + 1 == stop):
            self.state = _BODY
            return True
        self.pos = stop + 1
        raise Refusal("bad_header")  # a folded line: section 5.2

    def _unfinished_header(self, buf, start, end):
        """Hold a line back; one over the limit is passed over, unless it is needed."""
        self.pos = end
        if self.skipping:
            self.size += end - start
            return
        if end - start <= MAX_LINE:
            self.rest = bytes(memoryview(buf)[start:end])
            return
        colon = buf.find(b":", start, end)
        if colon < 0 or self.mode == "parse" or self._name(buf, start, colon):
            raise Refusal("header_too_large")
        self.skipping = True
        self.size += end - start

    def _name(self, buf, start, colon):
        """Return the header's name as it is kept, or None where it is not needed."""
        name = _NEEDED.get(_key(colon - start, buf[start]))
        if name and bytes(memoryview(buf)[start:colon]).lower() == name.lower():
            return name

    def _keep(self, buf, start, colon, stop):
        name = self._name(buf, start, colon)
        if not name:
            if self.mode != "parse":
                return
            name = _title(bytes(memoryview(buf)[start:colon]))
        if stop - start > MAX_LINE:
            raise Refusal("header_too_large")
        if name in self.headers and name in _ONCE:
            if self.absolute and name == b"Host":
                return  # the target's own authority counts, section 3.2.2
            raise Refusal("repeated", name.decode(), None, (name.decode(),))
        self.headers[name] = bytes(memoryview(buf)[colon + 1 : stop]).strip()

    # -- the body

    def _framing(self):
        """Find out from the headers where the body ends, section 6.3."""
        headers = self.headers
        if b"Host" not in headers and not self.old:
            self.state = _WHOLE
            raise Refusal("no_host")  # section 3.2
        if b"Transfer-Encoding" in headers:
            self._refuse_coding(headers)
        length = headers.get(b"Content-Length")
        if length is None:
            return
        if not length.isdigit() or len(length) > 9:
            self.length = _FOREVER
            raise Refusal("bad_length")
        self.length = int(length)
        if self.length > _MAX_BODY:
            raise Refusal("body_too_large")

    def _refuse_coding(self, headers):
        """A body in pieces is not taken; never guess where it ends, section 6.1."""
        self.length = _FOREVER
        if b"Content-Length" in headers:
            raise Refusal("bad_header")
        if headers[b"Transfer-Encoding"].lower() != b"chunked":
            raise Refusal("bad_coding")
        raise Refusal("length_required")

    def wants_continue(self):
        """Return True once, when the client waits for leave to send its body (RFC 9110, 10.1.1)."""
        return (
            self.state == _BODY
            and not self.old
            and self.headers.pop(b"Expect", b"").lower() == b"100-continue"
        )

    def discard(self, buf, start, end):
        """Pass over what a refused client still sends: up to the blank line, or its body's end."""
        if self.state < _BODY:
            seen = self.rest + bytes(memoryview(buf)[start:end])
            if seen.find(b"\n\r\n") >= 0 or seen.find(b"\n\n") >= 0:
                self.state = _WHOLE
            self.rest = seen[-3:]
        else:
            self.length -= end - start
            if self.length <= 0:
                self.state = _WHOLE

    def read_form_data(self):
        """As in picoweb: puts the body's form into req.form.  To be used with yield from."""
        self.form = picoweb.parse_qs(self.body.decode())
        return
        yield


def _is_token(name):
    for c in name:
        if not (97 <= c <= 122 or 65 <= c <= 90 or 48 <= c <= 57 or c in _TOKEN):
            return False
    return bool(name)


def _title(name):
    """b"user-agent" -> b"User-Agent", the spelling that picoweb programs look up."""
    return b"-".join([word[:1].upper() + word[1:].lower() for word in name.split(b"-")])
