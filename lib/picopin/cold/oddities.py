"""What few HTTP requests have: other forms, other versions, bodies, mistakes.

Works on a picopin.request.Request.  Sections are those of RFC 9112.
"""

import io

from micropython import const

from picopin import Refusal, request
from picopin.headers import MAX_LINE, needed

_MAX_BODY = const(512)  # bytes
_FOREVER = const(0x3FFFFFFF)  # the length of a body whose end is not known
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def unfinished(req, buf, start, end):
    """Return a request line that has not ended; refuse at once what cannot be HTTP (TLS, noise)."""
    line = bytes(buf[start:end])
    word = line.split(b" ", 1)[0]
    if word.strip() and not _is_token(word):
        req.refuse("not_http", end, end)
    return line


def request_line(req, line):
    """Return the target of a line that is not the plain `GET /path HTTP/1.1`; sets the method."""
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[1] or not _is_token(parts[0]):
        raise Refusal("bad_request_line")
    req.method = parts[0].decode()
    target = parts[1]
    if max(target) > 126:
        raise Refusal("bad_target")
    version = parts[2].strip()  # LF alone ends a line too, section 2.2
    if version == b"HTTP/1.0":
        req.old = True
    elif version != b"HTTP/1.1":
        numbered = len(version) == 8 and version[:5] == b"HTTP/" and version[6:7] == b"."
        raise Refusal("bad_version" if numbered else "bad_request_line")
    if target[:7].lower() == b"http://":  # absolute-form, section 3.2.2
        end = 7
        while end < len(target) and target[end] not in b"/?":
            end += 1
        req.authority = target[7:end]
        return target[end:] if target[end : end + 1] == b"/" else b"/" + target[end:]
    if target[:1] != b"/" and (target != b"*" or req.method != "OPTIONS"):  # section 3.2.4
        raise Refusal("bad_target")
    return target


def framing(req):
    """Find out from the headers where the body ends, section 6.3."""
    headers = req.headers
    if req.authority:
        headers[b"Host"] = req.authority  # section 3.2.2
    if b"Host" not in headers and not req.old:
        req.pos = req.end = 0
        req.state = request.WHOLE
        raise Refusal("no_host")  # section 3.2
    if b"Transfer-Encoding" in headers or b"Content-Length" in headers:
        _body_length(req, headers)
    else:
        req.pos = req.end = 0


def _body_length(req, headers):
    """Set req.length, the bytes of body that follow; refuse what cannot be trusted."""
    length = headers.get(b"Content-Length")
    coding = headers.get(b"Transfer-Encoding")
    req.length = _FOREVER  # what is refused here has no end that can be trusted
    if coding is not None:
        # A body in pieces is not taken; never guess where it ends, section 6.1.
        if length is not None:
            raise Refusal("bad_header")
        raise Refusal("length_required" if coding.lower() == b"chunked" else "bad_coding")
    if not length.isdigit() or len(length) > 9:
        raise Refusal("bad_length")
    req.length = int(length)
    if req.length > _MAX_BODY:
        raise Refusal("body_too_large")
    # RFC 9110, 10.1.1: the client waits for leave to send its body.
    if not req.old and headers.get(b"Expect", b"").lower() == b"100-continue":
        req.sock.write(_CONTINUE)


def overlong(req, buf, view, start, end):
    """A header line over the limit is passed over, unless it is needed."""
    if not req.skipping:
        colon = buf.find(b":", start, start + MAX_LINE + 1)
        if buf[start] <= 32:
            req.refuse("bad_header", end, end)
        if colon < 0 or buf[colon - 1] <= 32:
            bad_name(req, start, colon, end, end)
        if req.mode in ("parse", "leave") or needed(view, start, colon):
            req.refuse("header_too_large", end, end)
    req.skipping = True
    req.size += end - start


def bad_name(req, start, colon, stop, end):
    """Refuse a line without a name before its colon (-1: none), alike wherever it is cut.

    Section 5.1 has no space before the colon.
    """
    long = (colon if colon >= 0 else stop) - start > MAX_LINE
    req.refuse("header_too_large" if long else "bad_header", min(stop + 1, end), end)


def keep(req, buf, view, start, colon, stop, end):
    """Keep a header as picoweb's other modes want it: "parse" all, "leave" them to the handler.

    Returns True where it is one that is needed, and still to be kept.
    """
    if stop - start > MAX_LINE and req.mode != "skip":
        req.refuse("header_too_large", stop + 1, end)
    if req.mode == "leave":
        req.raw = req.raw + bytes(view[start:stop]).strip() + b"\r\n"
    if req.mode == "parse" and not needed(view, start, colon):
        name = bytes(view[start:colon])
        # b"user-agent" -> b"User-Agent", the spelling that picoweb programs look up
        name = b"-".join([word[:1].upper() + word[1:].lower() for word in name.split(b"-")])
        req.headers[name] = bytes(view[colon + 1 : stop]).strip()
        return False
    return True


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


def _is_token(name):
    """Return True for letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2)."""
    for c in name:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 94 <= c <= 126 or c in b"!#$%&'*+-."):
            return False
        if c == 123 or c == 125:  # the braces
            return False
    return bool(name)


def get(req, name):
    """Return what a picoweb program asks of a request, made when it is asked for."""
    if name == "path":
        value = req.where.decode()
    elif name == "qs":
        value = req.query.decode()
    elif name == "reader":
        value = Reader(req)
    elif name == "raw":  # the header lines as they came, for mode "leave"
        return b""
    else:
        raise AttributeError(name)
    setattr(req, name, value)
    return value


class Reader:
    """A stream over what has arrived of a request, for picoweb programs."""

    def __init__(self, req):
        head = req.raw + b"\r\n" if req.mode == "leave" else b""
        self._rest = io.BytesIO(head + (req.body or b""))

    async def read(self, n=-1):
        return self._rest.read(n)

    async def readline(self):
        return self._rest.readline()

    async def readexactly(self, n):
        data = self._rest.read(n)
        if len(data) < n:
            raise EOFError
        return data
