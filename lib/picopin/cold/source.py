"""Who may: foreign pages, prefetches.

A browser on the owner's network can be made to ask anything of the board, so
what changes something must not come from another site (a page, an image, a
rebound name) nor from a browser that only looks ahead.
"""

from picopin import Refusal


def check(req, by_get):
    """Refuse a change that was not meant by the owner."""
    if req.marked:
        check_source(req.headers)
    if by_get:
        _check_get(req)


def check_source(headers):
    """Refuse a change that a foreign page asks for, or a browser that only looks ahead."""
    for name in (b"Sec-Purpose", b"Purpose", b"X-Moz"):
        if b"prefetch" in headers.get(name, b"").lower():
            raise Refusal("prefetch", None, None, (), b"Retry-After: 1\r\n")
    source = headers.get(b"Origin") or headers.get(b"Referer")
    if source is not None and not _same_site(source, headers.get(b"Host", b"")):
        raise Refusal("foreign_page")


def _check_get(req):
    """Refuse a change by GET where none may, or an image's address asked for it."""
    if not req.server.settings.CHANGE_BY_GET:
        raise Refusal("not_by_get", None, None, (), b"Allow: POST, PUT\r\n")
    if req.headers.get(b"Accept", b"")[:6].lower() == b"image/":
        raise Refusal("foreign_page")


def _same_site(source, host):
    """Return True when the URL `source` lies on `host`: RFC 6454, without the scheme."""
    at = source.find(b"://")
    if at < 0:
        return False
    source = source[at + 3 :].lower()
    end = source.find(b"/")
    return (source if end < 0 else source[:end]) == host.lower()
