"""The control page: what GET / shows."""

from picopin import cold, net

HTML = "text/html; charset=utf-8"
# Nothing from elsewhere, no frame around it, and the token in its address stays here.
HEADERS = (
    b"Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'\r\nReferrer-Policy: same-origin\r\nX-Content-Type-Options: nosniff\r\n"
)


def shown(app):
    """Return what stands behind the template in a long answer: what that shows, as it is now."""
    state = cold("link").status()
    return (
        (
            app.settings.HOSTNAME,
            _station(state["station"]),
            _asked(net.asked),
            _ap(state["ap"]),
            [escape(note) for note in _notes(app.settings)],
            cold("snapshot").shown(),
        ),
        HTML,
        HEADERS,
    )


def _notes(settings):
    """Return what is wrong with the board's settings or its last starts, in words."""
    trouble = settings.trouble
    return settings.mistakes + ([cold("safety").explain(trouble)] if trouble else [])


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
