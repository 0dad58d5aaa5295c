"""Query strings: `pin=N` and `pin=N&state=S`, quickly.  For all others cold.query has the rules.

MicroPython looks each new str up in its table of names, about 9,000
instructions: what is asked here stays bytes.
"""

from picopin import cold


def parse(qs):
    """Return the pairs of b"a=1&b=2" as a dict of str to bytes.

    Raises Refusal for what is no query string (see cold.query).
    """
    if not qs:
        return {}
    if qs.startswith(b"pin=") and qs.find(b"%") < 0 and qs.find(b"+") < 0:
        end = qs.find(b"&")
        if end < 0:
            return {"pin": qs[4:]}
        if qs.startswith(b"state=", end + 1) and qs.find(b"&", end + 1) < 0:
            return {"pin": qs[4:end], "state": qs[end + 7 :]}
    return cold("query").parse_bytes(qs)
