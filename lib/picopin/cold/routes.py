"""The routes of Picopin's own app."""

import re


def of(app):
    """Return them as picoweb has routes: (path or pattern, handler, options)."""
    get = {"methods": ("GET",)}
    both = {"methods": ("GET", "POST")}
    # The most asked first: one is looked at after the other.
    return [
        ("/", app.root, both),
        ("/pins", app.show, get),
        (re.compile("^/pins/([^/]+)$"), app.pin, {"methods": ("GET", "PUT")}),
        ("/status", app.show, get),
        ("/log", app.show, get),
        ("/restart", app.restart, {"methods": ("POST",)}),
        ("/wifi", app.show, both),
        ("/openapi.json", app.show, get),
    ] + app.url_map
