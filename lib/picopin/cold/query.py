"""Query strings and form bodies: text to a dict, strictly.

picoweb's own parse_qs turns `pin=2&pin=5` into a list, a bare `pin` into True
and garbles UTF-8; here each of these is an error that names the parameter.
"""

import ubinascii as binascii
from micropython import const

from picopin import Refusal, cold

_MOST = const(12)  # names that are known anywhere, and more
_SHOWN = const(32)  # characters of a name that an answer repeats, so that it stays one segment


def unquote(text, param=None):
    """Decode `+` and `%XX` (RFC 3986 section 2.1, UTF-8).

    text: str of ASCII.  Returns str.  Raises Refusal naming `param`.
    """
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    parts = text.split("%")
    out = bytearray(parts[0].encode())
    try:
        for part in parts[1:]:
            if len(part) < 2:
                raise ValueError
            out.extend(binascii.unhexlify(part[:2]))
            out.extend(part[2:].encode())
        return cold("utf8").decode(bytes(out))
    except ValueError:  # UnicodeError is one too
        # The text itself is not repeated: it may be a password.
        raise Refusal("bad_encoding", param)


def parse(text):
    """Return the pairs of `a=1&b=2` as a dict of str to str.

    Empty pairs (`a=1&&b=2`) are skipped.  Raises Refusal for a name that
    is empty, has no `=`, or comes twice.
    """
    pairs = {}
    end = -1
    while end < len(text) and len(pairs) <= _MOST:  # who sends more has sent unknown ones
        start = end + 1
        end = text.find("&", start)
        if end < 0:
            end = len(text)
        pair = text[start:end]
        if not pair:
            continue
        at = pair.find("=")
        name = unquote(pair if at < 0 else pair[:at])[:_SHOWN]
        if not name:
            raise Refusal("bad_query")
        if at < 0:
            raise Refusal("missing_value", name, None, (name, name))
        if name in pairs:
            raise Refusal("repeated", name, None, (name,))
        pairs[name] = unquote(pair[at + 1 :], name)
    return pairs


def parse_bytes(qs):
    """The same for bytes, giving a dict of str to bytes."""
    try:
        pairs = parse(cold("utf8").decode(qs))
    except ValueError:
        raise Refusal("bad_encoding")
    return {name: pairs[name].encode() for name in pairs}


def only(pairs, allowed):
    """Raise Refusal naming the first key of `pairs` that is not in `allowed`."""
    for name in pairs:
        if name not in allowed:
            raise Refusal("unknown_parameter", name, list(allowed), (name,))
