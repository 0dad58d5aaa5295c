"""Files from flash, as gzip where the client takes it: the page's, and /openapi.json.

Each of the page's has an address that changes with its contents, so browsers keep
it for ever.
Every copy of the firmware holds the same files, so they are given without a
password: a page that was opened with ?token= could not bring it along.
"""

import pkg_resources
import ubinascii as binascii

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEAD = (
    "HTTP/1.1 %s\r\n%sContent-Length: %d\r\nCache-Control: %s\r\nETag: %s\r\n%s"
    "Vary: Accept-Encoding\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
)
_GZIP = "Content-Encoding: gzip\r\n"


def url(name):
    """Return the address of static/NAME."""
    return "/static/%s/%s" % (_tag(name), name)


def _is_url(path, name):
    try:
        return path == url(name)
    except OSError:  # there is no such file
        return False


def _open(name):
    return pkg_resources.resource_stream("picopin", "static/" + name)


def _tag(name):
    """Return what changes with the contents: gzip's CRC-32, the 8th last byte on (RFC 1952)."""
    with _open(name + ".gz") as f:
        f.seek(-8, 2)
        return binascii.hexlify(f.read(4)).decode()


def answer(req):
    """Return the answer to a GET for one of them, or None where the path is none of theirs."""
    path = req.where.decode()
    name = path.split("/")[-1]
    keep = "31536000, immutable"
    if path == "/favicon.ico":  # browsers ask for it beside any answer
        name = "icon.svg"
        keep = "86400"
    elif name.split(".")[-1] not in _TYPES or not _is_url(path, name):
        return None
    return _send(req, name, _TYPES[name.split(".")[-1]], "public, max-age=" + keep)


def document(req):
    """Return the answer to GET /openapi.json."""
    return _send(req, "openapi.json", "application/json", "no-store")


def _send(req, name, kind, keep):
    etag = '"%s"' % _tag(name)
    coding = ""
    if b"gzip" in req.headers.get(b"Accept-Encoding", b""):
        name += ".gz"
        coding = _GZIP
    with _open(name) as f:
        length = f.seek(0, 2)
    same = req.headers.get(b"If-None-Match") == etag.encode()
    kind = "" if same else "Content-Type: %s\r\n" % kind
    head = _HEAD % ("304 Not Modified" if same else "200 OK", kind, length, keep, etag, coding)
    return head.encode() if same else ("static/" + name, head.encode())
