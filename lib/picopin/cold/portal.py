"""The captive portal: a phone on the board's own network is led to the board's page."""

import uasyncio as asyncio
import usocket as socket
from micropython import const

from picopin import cold, net
from picopin.net import ap, log, sta

_APPLE = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
# What systems fetch to find out whether there is an internet, and what they hope to read there.
_PROBES = {
    b"/generate_204": b"",  # Android, ChromeOS
    b"/gen_204": b"",
    b"/hotspot-detect.html": _APPLE,
    b"/library/test/success.html": _APPLE,
    b"/connecttest.txt": b"Microsoft Connect Test",  # Windows
    b"/ncsi.txt": b"Microsoft NCSI",
    b"/success.txt": b"success\n",  # Firefox
    b"/canonical.html": b'<meta http-equiv="refresh" '
    b'content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
}
_DNS = const(53)
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"


def start():
    """Return the task that answers name queries to the access point until it is cancelled."""
    address = ap.ifconfig()[0]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    try:
        s.bind((address, _DNS))
    except OSError as e:
        log.error("name server: %s", e)
    return asyncio.create_task(net.serve_names(s, bytes(map(int, address.split(".")))))


def is_ap_side(req):
    """Return True for a client in the access point's own subnet.

    Nobody counts as being there while the station's subnet is the same.
    """
    if not ap.active():
        return False
    address, mask, _, _ = ap.ifconfig()
    own = _subnet(address, mask)
    client = req.address
    return own == _subnet(client, mask) and own != _subnet(sta.ifconfig()[0], mask)


def _subnet(address, mask):
    bits = mask.split(".")
    return [int(part) & int(bits[at]) for at, part in enumerate(address.split("."))]


def foreign(req, settings, refusal):
    """Answer a request whose Host is not this board's: raise `refusal`, or lead to the page."""
    if req.method not in ("GET", "HEAD") or not is_ap_side(req):
        raise refusal
    return _lead(req, settings)


def answer(req, settings):
    """Answer a GET for a path that is not here: a probe by the board's own address, or None."""
    if req.where in _PROBES and is_ap_side(req):
        return _lead(req, settings)


def _lead(req, settings):
    if settings.CAPTIVE == "quiet" and req.where in _PROBES:
        body = _PROBES[req.where]
        return cold("head").head(200, len(body), "text/html") + body if body else _NO_CONTENT
    port = "" if settings.HTTP_PORT == 80 else ":%d" % settings.HTTP_PORT
    location = "Location: http://%s%s/\r\n" % (ap.ifconfig()[0], port)
    return cold("head").head(302, 0, "text/html", location.encode())
