"""Who may: the password."""

import ubinascii as binascii
from micropython import const

from picopin import Refusal

_GUESS_MS = const(1000)  # how long a wrong password waits for its answer
_REALM = b'WWW-Authenticate: Basic realm="picopin", charset="UTF-8"\r\n'


def check_password(req, token, password):
    """Refuse who does not bring `password`, as token (bytes) or in the header.

    password: a str, or False where nobody can.  Returns the Refusal where it is a
    wrong one, to be answered after a while; raises it where there is none.
    """
    given = _given(req) if token is None else token
    if password is False or not _same(given, password.encode()):
        refusal = Refusal("unauthorized", None, None, (), _REALM)
        if given:
            refusal.delay = _GUESS_MS
            return refusal
        raise refusal


def _given(req):
    """Return the password in the Authorization header as bytes: Basic's (any user) or Bearer's."""
    scheme, _, value = _split(req.headers.get(b"Authorization", b""), b" ")
    if scheme.lower() == b"bearer":
        return value.strip()
    if scheme.lower() != b"basic":
        return b""
    try:
        return _split(binascii.a2b_base64(value), b":")[2]
    except ValueError:
        return b""


def _split(data, by):
    """bytes.partition, which the chip lacks."""
    at = data.find(by)
    return (data, b"", b"") if at < 0 else (data[:at], by, data[at + len(by) :])


def _same(given, wanted):
    """Compare in a time that tells nothing of where they differ."""
    differ = len(given) ^ len(wanted)
    for at in range(len(wanted)):
        differ |= wanted[at] ^ (given[at] if at < len(given) else 0)
    return differ == 0
