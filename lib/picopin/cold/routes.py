"""The routes of Picopin's own app."""

import re


def of(app):
    """Yield them as picoweb has routes: (path or pattern, handler, options)."""
    get = {"methods": ("GET",)}
    both = {"methods": ("GET", "POST")}
    # The most asked first: one is looked at after the other.
    yield "/", app.root, both
    yield "/pins", app.show, get
    yield re.compile("^/pins/([^/]+)$"), app.pin, {"methods": ("GET", "PUT")}
    yield "/status", app.show, get
    yield "/log", app.show, get
    yield "/restart", app.restart, {"methods": ("POST",)}
    yield "/wifi", app.show, both
    yield "/openapi.json", app.show, get
    yield from app.url_map
