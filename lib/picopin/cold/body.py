"""Bodies of requests: a form, or a JSON object."""

import ujson as json

from picopin import Refusal, cold


def form(req):
    """Return the parameters of the query (req.asked) and of the form in the body together."""
    if not req.body:
        return req.asked
    _want(req, b"application/x-www-form-urlencoded")
    pairs = cold("query").parse_bytes(req.body)
    for name in pairs:
        if name in req.asked:
            raise Refusal("repeated", name, None, (name,))
    pairs.update(req.asked)
    return pairs


def json_object(req, keys):
    """Return the JSON object in the body as a dict that has no key but `keys`, and one of them."""
    if b"Content-Length" not in req.headers:
        raise Refusal("length_required")
    _want(req, b"application/json")
    try:
        cold("utf8").decode(req.body)
        # The json of MicroPython 1.25 takes the end of its text for the end of the object.
        if req.body.rstrip()[-1:] != b"}":
            raise ValueError
        asked = json.loads(req.body)
        if b"\\u" in req.body and isinstance(asked, dict):
            asked = {_joined(key): _joined(asked[key]) for key in asked}
    except ValueError:
        raise Refusal("bad_json")
    if not isinstance(asked, dict):
        raise Refusal("bad_json")
    for key in asked:
        if key not in keys:
            cold("query").only(asked, keys)
    if not asked:
        raise Refusal("missing", keys[0], None, (keys[0],))
    for key in asked:
        if isinstance(asked[key], str):
            asked[key] = asked[key].encode()  # as they come in a query
        elif key == "for" and isinstance(asked[key], float):
            asked[key] = _as_written(req.body, key) or asked[key]
    return asked


def _as_written(body, key):
    """Return the digits of a number in JSON, of which a float of the chip keeps six; else None."""
    parts = body.split(b'"')  # every other one is a string
    key = key.encode()
    if parts.count(key) == 1 and b"\\" not in body:
        text = parts[parts.index(key) + 1].strip(b" \t\r\n:,}")
        return text if text.replace(b".", b"", 1).isdigit() else None


def _joined(value):
    return cold("utf8").join(value) if isinstance(value, str) else value


def _want(req, wanted):
    given = req.headers.get(b"Content-Type", b"").split(b";")[0].strip().lower()
    if given != wanted:
        raise Refusal("bad_type", None, [wanted.decode()], (wanted.decode(),))
