"""The routes of Picopin's own app."""

import ure as re


def of(app):
    """Yield them as picoweb has routes: (path or pattern, handler, options)."""
    # only: what else may be in the query is nothing but the token.
    get = {"methods": ("GET",), "only": True}
    both = {"methods": ("GET", "POST"), "only": True}
    # The most asked first: one is looked at after the other.
    yield "/", app.root, both
    yield "/pins", app.other, get
    yield re.compile("^/pins/([^/]+)$"), app.other, {"methods": ("GET", "PUT"), "only": True}
    yield "/status", app.other, get
    yield "/log", app.other, get
    yield "/restart", app.other, {"methods": ("POST",), "only": True}
    yield "/wifi", app.other, both
    yield "/openapi.json", app.other, get
    yield from app.url_map
