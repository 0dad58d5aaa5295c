"""The captive portal's name server: every name is the board's address.

Pure; the socket is in picopin.net, and cold.portal opens it.  Sections are of
RFC 1035 unless they say otherwise.
"""

import ustruct as struct
from micropython import const

_HEADER = const(12)
_A = const(1)
_ANY = const(255)
_OPT = const(41)  # RFC 6891
_FORMAT_ERROR = const(1)
_NOT_IMPLEMENTED = const(4)
_REFUSED = const(5)
_TTL = const(10)  # seconds: the phone must not remember it once it is elsewhere


def answer(packet, ip):
    """Return the answer (bytes) to a query, or None where none is due.

    packet: bytes as they came.  ip: the board's address, 4 bytes.
    """
    if len(packet) < _HEADER or packet[2] & 0x80:  # too short, or an answer itself
        return None
    if packet[2] & 0x78:  # a kind of query that nobody sends to a portal
        return _head(packet, _NOT_IMPLEMENTED)
    try:
        end = _end_of_name(packet, _HEADER, False)
        kind, net_class = struct.unpack_from("!HH", packet, end)
        end += 4
        opt = _find_opt(packet, end)
    except (ValueError, IndexError):
        return _head(packet, _FORMAT_ERROR)
    question = packet[_HEADER:end]
    records = b""
    if opt and opt[5]:  # a version of EDNS to come: RFC 6891, 6.1.3
        return _head(packet, 0, 1, 0, 1) + question + b"\0\0\x29\2\0\1\0\0\0\0\0"
    if net_class not in (1, _ANY):
        return _head(packet, _REFUSED, 1, 0, bool(opt)) + question + _opt(opt)
    if kind in (_A, _ANY):
        # The name is the question's, 4.1.4: a pointer to the byte after the header.
        records = struct.pack("!HHHIH", 0xC00C, _A, 1, _TTL, 4) + ip
    return _head(packet, 0, 1, bool(records), bool(opt)) + question + records + _opt(opt)


def _head(packet, rcode, questions=0, answers=0, more=0):
    """The header, 4.1.1: an authoritative answer, recursion as if it had been done."""
    return packet[:2] + struct.pack(
        "!BBHHHH",
        0x84 | packet[2] & 0x79,
        0x80 | packet[3] & 0x10 | rcode,
        questions,
        answers,
        0,
        more,
    )


def _opt(opt):
    """The OPT record of the answer; the flag DO is given back (RFC 3225)."""
    return b"\0\0\x29\2\0\0\0" + bytes((opt[6] & 0x80,)) + b"\0\0\0" if opt else b""


def _end_of_name(packet, at, compressed=True):
    """Return where the name at `at` ends; raise ValueError or IndexError where it is none.

    compressed: it may end in a pointer (4.1.4); the question, being first, has
    nothing to point at.
    """
    start = at
    while packet[at]:
        if packet[at] & 0xC0:
            if packet[at] < 0xC0 or not compressed:
                raise ValueError
            return at + 2
        at += packet[at] + 1
        if at - start > 254:  # 255 with the end, 2.3.4
            raise ValueError
    return at + 1


def _find_opt(packet, at):
    """Return the OPT record behind the question as bytes from its type on, or None."""
    questions, answers, authority, more = struct.unpack_from("!HHHH", packet, 4)
    if questions != 1:
        raise ValueError
    found = None
    for _ in range(answers + authority + more):
        end = _end_of_name(packet, at)
        kind, _, _, length = struct.unpack("!HHIH", packet[end : end + 10])
        if kind == _OPT:
            if found or end != at + 1:  # one, named after the root: RFC 6891, 6.1.1 and 6.1.2
                raise ValueError
            found = packet[end : end + 10]
        at = end + 10 + length
        if at > len(packet):
            raise ValueError
    return found
