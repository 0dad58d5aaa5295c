"""What Picopin's own app does without, once it is made, let go of: its heap is better kept free."""

import picoweb

from picopin import forget
from picopin.web import Server

# What made the app, and what Server has its own of.
_APP = ("__init__", "_handle", "handle_exc", "serve", "mount", "route", "add_url_rule")
# What only handlers are written with; Picopin's own, in cold.routes, do without.
_APP_FOR_HANDLERS = (
    "parse_headers",
    "_load_template",
    "render_template",
    "render_str",
    "sendfile",
    "handle_static",
)
_REQUEST_FOR_HANDLERS = ("__init__", "parse_qs", "read_form_data")
_FOR_HANDLERS = (
    "parse_qs",
    "utils",
    "jsonify",
    "http_error",
    "start_response",
    "sendstream",
    "get_mime_type",
)


def drop(app):
    """Take from picoweb what nothing calls any more: less of it, where the owner has own routes."""
    # Deleted, a method would stay in its class's table (py/map.c): None takes its place.
    Server.__init__ = type(app).__init__ = None
    _none(picoweb.WebApp, _APP)
    if not (app.url_map or app.mounts):
        _none(picoweb.WebApp, _APP_FOR_HANDLERS)
        _none(picoweb.HTTPRequest, _REQUEST_FOR_HANDLERS)
        _none(picoweb, _FOR_HANDLERS)
        forget("picoweb.utils")


def _none(owner, names):
    for name in names:
        setattr(owner, name, None)
