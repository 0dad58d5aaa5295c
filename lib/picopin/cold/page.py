"""The control page: what GET / shows, and what its forms do where there is no JavaScript."""

import sys

import picopin
from picopin import cold, gpio, net
from picopin.errors import Refusal
from picopin.response import head

_HTML = "text/html; charset=utf-8"
# Nothing from elsewhere, no frame around it, and the token in its address stays here.
_HEADERS = (
    b"Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'\r\nReferrer-Policy: same-origin\r\nX-Content-Type-Options: nosniff\r\n"
)


def show(app):
    """Return the page as Response.send_pieces takes it."""
    snapshot = cold.use("views").snapshot
    board_name = cold.use("chip").board_name
    url = cold.use("assets").url
    state = net.status()

    def label(pin):
        board = board_name(pin.number)
        if pin.mode == "analog" or board is None:
            return "" if board == pin.name else board
        return ("" if board == pin.name else board + " ") + "GPIO %d" % pin.number

    view = (
        app.settings.HOSTNAME,
        _station(state["station"]),
        _ap(state["ap"]),
        [escape(note) for note in app.settings.mistakes],
        [(pin,) + snapshot(pin) + (getattr(pin, "duty", None),) for pin in gpio.pins],
        label,
        url("page.css"),
        url("page.js"),
        url("icon.svg"),
    )
    return _pieces("page", view), _HTML, _HEADERS


def submit(app, req):
    """Do what a form of the page asks; return the answer that leads back to the page."""
    req.headers[b"Accept"] = b""  # from here on as any client
    try:
        app.root(req, req.resp)
        pin = gpio.find(cold.use("body").form(req)["pin"])
    except Refusal as e:
        return _sorry(app, e)
    # The fragment alone keeps the page's address, and with it a token: RFC 3986, 5.2.2.
    return head(303, 0, _HTML, b"Location: #p-%s\r\n" % pin.name)


def _sorry(app, refusal):
    """Return the answer that says in words why nothing was done."""
    app.refused += 1
    status, report = refusal.report()
    view = escape(report["error"]["message"]), cold.use("assets").url("page.css")
    body = "".join(_pieces("sorry", view)()).encode()
    return head(status, len(body), _HTML, _HEADERS + refusal.headers) + body


def _pieces(name, view):
    """Return what gives, at each call, a new generator of the template's pieces."""
    known = list(sys.modules)
    from utemplate.compiled import Loader

    render = Loader("picopin", "templates").load(name + "_tpl")
    for module in list(sys.modules):  # forgotten like all cold code
        if module not in known:
            del sys.modules[module]
    del picopin.templates
    return lambda: render(*view)


def _station(station):
    if station["state"] == "up":
        return escape("%s, %s" % (station["ssid"], station["address"]))
    return escape("%s %s" % (station["ssid"], station["state"]))


def _ap(ap):
    return escape("%s, %s" % (ap["ssid"], ap["address"])) if ap["active"] else ""


def escape(text):
    """Return `text` as it may stand in HTML."""
    for char, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(char, name)
    return text
