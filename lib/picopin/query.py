"""Query strings: the plain ones, quickly.  All others go to cold.query, which has the rules.

MicroPython looks every new str up in its table of names, about 9,000
instructions; what is asked here stays bytes.
"""

from picopin import cold

_NAMES = {
    b"pin": "pin",
    b"state": "state",
    b"for": "for",
    b"duty": "duty",
    b"freq": "freq",
    b"token": "token",
}


def parse(qs):
    """Return the pairs of b"a=1&b=2" as a dict of str to bytes.

    Raises Refusal for what is no query string (see cold.query).
    """
    asked = {}
    if not qs:
        return asked
    if qs.find(b"%") < 0 and qs.find(b"+") < 0:
        start = end = 0
        while end >= 0:
            end = qs.find(b"&", start)
            pair = qs[start:end] if end >= 0 else qs[start:]
            at = pair.find(b"=")
            name = _NAMES.get(pair[:at])
            if at < 0 or name is None or name in asked:
                break  # unknown, twice, empty: not for the quick way
            asked[name] = pair[at + 1 :]
            start = end + 1
        else:
            return asked
    return cold.use("query").parse_bytes(qs)
