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
    shown = _shown(app)  # what this loads is gone before the template comes
    return _template("page"), shown, _HTML, _HEADERS


def _shown(app):
    """Return what the template shows, as it is now."""
    state = cold.use("link").status()
    snapshot = cold.use("views").snapshot
    board_name = cold.use("chip").board_name
    url = cold.use("assets").url
    return (
        app.settings.HOSTNAME,
        _station(state["station"]),
        _asked(net.asked),
        _ap(state["ap"]),
        [escape(note) for note in _notes(app.settings)],
        [(pin, board_name(pin.number)) + snapshot(pin) for pin in gpio.pins],
        url("page.css"),
        url("page.js"),
        url("icon.svg"),
    )


def submit(app, req):
    """Do what a form of the page asks; return the answer that leads back to the page."""
    req.headers[b"Accept"] = b""  # from here on as any client
    try:
        where = _do(app, req, cold.use("body").form(req))
    except Refusal as e:
        return _sorry(app, e)
    # The fragment alone keeps the page's address, and with it a token: RFC 3986, 5.2.2.
    return head(303, 0, _HTML, b"Location: #%s\r\n" % where)


def _do(app, req, asked):
    """Do it; return the id of the page's part that shows what became of it."""
    if "ssid" in asked:
        cold.use("wifi").change(app, req)
        return "net"
    app.root(req, req.resp)
    return "p-" + gpio.find(asked["pin"]).name


def _sorry(app, refusal):
    """Return the answer that says in words why nothing was done."""
    app.refused += 1
    status, report = refusal.report()
    view = escape(report["error"]["message"]), cold.use("assets").url("page.css")
    body = "".join(_template("sorry")(*view)).encode()
    return head(status, len(body), _HTML, _HEADERS + refusal.headers) + body


def _template(name):
    """Return the compiled template's generator function, its module forgotten as in cold.use."""
    known = list(sys.modules)
    from utemplate.compiled import Loader

    render = Loader("picopin", "templates").load(name + "_tpl")
    for module in list(sys.modules):
        if module not in known:
            del sys.modules[module]
    del picopin.templates
    return render


def _notes(settings):
    """Return what is wrong with the board's settings or its last starts, in words."""
    trouble = settings.trouble
    return settings.mistakes + ([cold.use("safety").explain(trouble)] if trouble else [])


def _asked(asked):
    """Return what became of the network that was asked for last."""
    if not asked:
        return ""
    ssid, outcome = asked
    return escape("%s: %s" % (ssid, "joined" if outcome == "up" else outcome))


def _station(station):
    if not station["ssid"]:
        return ""
    state = station["state"]
    return escape("%s · %s" % (station["ssid"], station["address"] if state == "up" else state))


def _ap(ap):
    return escape("Own network %s · %s" % (ap["ssid"], ap["address"])) if ap["active"] else ""


def escape(text):
    """Return `text` as it may stand in HTML."""
    for char, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(char, name)
    return text
