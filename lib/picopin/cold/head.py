"""Heads of answers, and whole answers of JSON."""

import ujson as json

JSON = "application/json"
_HEAD = (
    b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n%s\r\n"
)
# One string and a search, since a dict of these would hold a kilobyte of heap.
_REASONS = (
    b"200 OK 204 No Content 302 Found 303 See Other 304 Not Modified 400 Bad Request "
    b"401 Unauthorized 403 Forbidden 404 Not Found 405 Method Not Allowed 408 Request Timeout "
    b"409 Conflict "
    b"411 Length Required 413 Content Too Large 414 URI Too Long 415 Unsupported Media Type "
    b"431 Request Header Fields Too Large 500 Internal Server Error 501 Not Implemented "
    b"503 Service Unavailable 505 HTTP Version Not Supported 599"
)


def reason(status):
    """Return the reason phrase of an HTTP status as bytes: b"Not Found"."""
    at = _REASONS.find(b"%d " % status) + 4
    end = at
    while not 48 <= _REASONS[end] <= 57:
        end += 1
    return _REASONS[at : end - 1]


def head(status, length, content_type=JSON, headers=b""):
    """Return the head of an answer with `length` bytes of body; headers: lines with CR LF."""
    return _HEAD % (status, reason(status), content_type, length, headers)


def whole(status, value, headers=b""):
    """Return a complete answer: `value` (a dict or list) as JSON."""
    body = json.dumps(value).encode()
    return head(status, len(body), JSON, headers) + body
