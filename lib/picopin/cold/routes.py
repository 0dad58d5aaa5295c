"""The routes of Picopin's own app."""

import re


def of(app):
    """Yield them as picoweb has routes: (path or pattern, handler, options)."""
    get = {"methods": ("GET",)}
    both = {"methods": ("GET", "POST")}
    # The most asked first: one is looked at after the other.
    yield "/", app.root, both
    yield "/pins", app.other, get
    yield re.compile("^/pins/([^/]+)$"), app.other, {"methods": ("GET", "PUT")}
    yield "/status", app.other, get
    yield "/log", app.other, get
    yield "/restart", app.other, {"methods": ("POST",)}
    yield "/wifi", app.other, both
    yield "/openapi.json", app.other, get
    yield from app.url_map
