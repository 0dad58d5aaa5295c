"""What Picopin's own app does without, once it is made, let go of: its heap is better kept free."""

import picoweb

from picopin import forget
from picopin.web import Server

# What a picoweb program is written with, and what Server has its own of; the routes of Picopin's
# own app are in cold.routes.
_APP = (
    "__init__",
    "_handle",
    "handle_exc",
    "serve",
    "mount",
    "route",
    "add_url_rule",
    "parse_headers",
    "_load_template",
    "render_template",
    "render_str",
    "handle_static",
)
_REQUEST = ("__init__", "parse_qs", "read_form_data")
_MODULE = ("parse_qs", "jsonify", "utils")


def drop(app):
    """Take from the classes of `app` what only other apps would call, and what made it."""
    # Deleted, a method would stay in its class's table (py/map.c): None takes its place.
    for owner, names in ((picoweb.WebApp, _APP), (picoweb.HTTPRequest, _REQUEST)):
        for name in names:
            setattr(owner, name, None)
    Server.__init__ = type(app).__init__ = None
    for name in _MODULE:
        setattr(picoweb, name, None)
    forget("picoweb.utils")
