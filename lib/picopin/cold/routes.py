"""The routes of Picopin's own app."""


class _Below:
    """A path with one more name behind it; as a pattern of `re`, which would call itself once a
    character of what the client sent."""

    def __init__(self, path):
        self._path = path

    def match(self, path):
        """Return what is asked for group(1), or None."""
        size = len(self._path)
        if path[:size] == self._path and path[size:] and "/" not in path[size:]:
            self._name = path[size:]
            return self
        return None

    def group(self, _number):
        return self._name


def of(app):
    """Yield them as picoweb has routes: (path or pattern, handler, options)."""
    # only: what else may be in the query is nothing but the token.
    get = {"methods": ("GET",), "only": True}
    both = {"methods": ("GET", "POST"), "only": True}
    # The most asked first: one is looked at after the other.
    yield "/", app.root, both
    yield "/pins", app.other, get
    yield _Below("/pins/"), app.other, {"methods": ("GET", "PUT"), "only": True}
    yield "/status", app.other, get
    yield "/log", app.other, get
    yield "/restart", app.other, {"methods": ("POST",), "only": True}
    yield "/wifi", app.other, both
    yield "/openapi.json", app.other, get
    yield from app.url_map
