"""Other forms of a request line, other versions, and where a body ends: what few requests have.

Works on a picopin.request.Request.  Sections are those of RFC 9112.
"""

from micropython import const

from picopin import Refusal, request
from picopin.headers import refuse

_MAX_BODY = const(512)  # bytes
_FOREVER = const(0x3FFFFFFF)  # the length of a body whose end is not known
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def unfinished(req, buf, start, end):
    """Return a request line that has not ended; refuse at once what cannot be HTTP (TLS, noise)."""
    line = bytes(buf[start:end])
    word = line.split(b" ", 1)[0]
    if word.strip() and not _is_token(word):
        refuse(req, "not_http", end, end)
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


def body(req):
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


def _is_token(name):
    """Return True for letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2)."""
    for c in name:
        if not (48 <= c <= 57 or 65 <= c <= 90 or 94 <= c <= 126 or c in b"!#$%&'*+-."):
            return False
        if c == 123 or c == 125:  # the braces
            return False
    return bool(name)
