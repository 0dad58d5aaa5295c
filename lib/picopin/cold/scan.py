"""Networks near by: looked for, and kept in few bytes."""

import gc

from micropython import const

from picopin import cold, net
from picopin.net import log, sta

_MOST = const(12)  # of the networks that are not known
_GOT_IP = const(5)
# A change of network is a write of the chip's flash: after so many rounds that failed, one
# that cannot be joined although it is there is tried in one round of sixteen.
_SPARE_ROUNDS = const(3)
_SELDOM = const(16)
_HEAD = const(4)  # bytes before a name: its length, -rssi, channel, authmode
_LONGEST = const(36)  # bytes of one: the head, and a name of 32


def scan(app):
    """Look for networks: about two seconds in which nothing else happens."""
    was_active = sta.active()
    if not was_active:
        sta.active(True)
    if sta.status() != _GOT_IP:
        cold("link").leave()  # while it joins, the chip scans nothing
    known = {entry[0].encode() for entry in cold("saved").known(app.settings)}
    try:
        # Made first: what the port answers, 140 bytes a network, leaves the heap in small pieces.
        packed = bytearray((_MOST + len(known)) * _LONGEST)
        gc.collect()
        length = _pack(sta.scan(), known, packed)
        net.scanned = bytes(packed[:length])
        net.scanned_at = app.uptime
    except (OSError, MemoryError) as e:
        log.warning("scan: %s", e)
    if not was_active:
        sta.active(False)


def _pack(found, known, packed):
    """Keep the strongest of each name: all of `known`, and of the others not too many.

    Returns how many bytes of `packed` that takes.
    """
    end = count = 0
    found.sort(key=_weakness)
    for ssid, _, channel, rssi, authmode, _ in found:
        if (ssid in known or count < _MOST) and not _is_in(packed, end, ssid):
            packed[end] = len(ssid)
            packed[end + 1] = min(127, max(0, -rssi))
            packed[end + 2] = channel
            packed[end + 3] = authmode
            end += _HEAD
            packed[end : end + len(ssid)] = ssid
            end += len(ssid)
            count += 1
    return end


def _weakness(one):
    return -one[3]


def _is_in(packed, end, ssid):
    at = 0
    while at < end:
        length = packed[at]
        at += _HEAD
        if packed[at : at + length] == ssid:
            return True
        at += length
    return False


def unpack(packed):
    """Yield (name as bytes, dBm, channel, authmode), the strongest first; a hidden one's is b""."""
    at = 0
    while at < len(packed):
        length, weakness, channel, authmode = packed[at : at + _HEAD]
        at += _HEAD
        yield packed[at : at + length], -weakness, channel, authmode
        at += length


def by_strength(app, known):
    """Scan; return those of `known` that are there, or that may hide: the strongest first.

    known: as saved.known gives them.  A network in trouble comes after the others.
    """
    scan(app)
    strength = {found[0]: found[1] for found in unpack(net.scanned)}
    stored = cold("link").stored()
    spare = net.rounds < _SPARE_ROUNDS or net.rounds % _SELDOM == 0
    ranked = []
    for at, entry in enumerate(known):
        ssid = entry[0]
        trouble = bool(net.troubles and ssid in net.troubles)
        name = ssid.encode()
        seen = name in strength
        if (seen or b"" in strength) and (spare or name == stored or (seen and not trouble)):
            ranked.append((trouble, -strength.get(name, -127), at))
    return [known[rank[2]] for rank in sorted(ranked)]
