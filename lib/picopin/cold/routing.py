"""Routes beyond the plain ones: picoweb's own search, and what no handler answers."""

from micropython import const

from picopin import Refusal

_SHOWN = const(16)  # characters of a method that an answer repeats
_METHODS = ("GET", "POST", "PUT", "DELETE")


def search(server, req):
    """Find the handler as picoweb does, mounted apps first; sets req.route.

    Returns (mode for headers, True where every request for the path has this route).
    """
    try:
        app, path = _mounted(server, req.where.decode())
    except UnicodeError:
        raise Refusal("bad_target")
    req.where = path.encode()  # a mounted app is told the path without its own beginning
    if not app.inited:
        app.init()
    for route in server.routes() if app is server else app.url_map:
        pattern = route[0]
        if path == pattern:
            break
        if not isinstance(pattern, str):
            req.url_match = pattern.match(path)
            if req.url_match:
                break
    else:
        return "needed", False
    req.route = route
    mode = route[2].get("headers") if len(route) > 2 else None
    return mode or app.headers_mode, isinstance(pattern, str) and mode is None


def _mounted(app, path):
    """Return the app that is mounted at the path's beginning, and the rest of the path."""
    found = True
    while found:
        found = False
        for sub in app.mounts:
            if path[: len(sub.url)] == sub.url:
                app = sub
                path = path[len(sub.url) :]
                if path[:1] != "/":
                    path = "/" + path
                found = True
                break
    return app, path


def unusual(req, resp, methods):
    """Answer HEAD and OPTIONS; refuse what has no route, or not for its method."""
    if req.route is None and req.where != b"*":
        raise Refusal("no_such_path")
    method = req.method
    if method == "OPTIONS" or req.route is None:
        more = _allow(methods or _METHODS)
        return b"HTTP/1.1 204 No Content\r\n%sConnection: close\r\n\r\n" % more
    if method == "HEAD" and "GET" in methods:
        return req.route[1](req, resp)
    raise Refusal("method_not_allowed", None, list(methods), (method[:_SHOWN],), _allow(methods))


def _allow(methods):
    more = ", HEAD, OPTIONS" if "GET" in methods else ", OPTIONS"
    return ("Allow: %s%s\r\n" % (", ".join(methods), more)).encode()
