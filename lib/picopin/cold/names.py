"""All names that come later, met at start: MicroPython never forgets one."""

import gc

from picopin import cold

# All but check, the largest, which serves the start alone.  Written here, the names lie in flash.
_MODULES = (
    "act",
    "analog",
    "answers",
    "assets",
    "body",
    "bringup",
    "chip",
    "dns",
    "early",
    "explain",
    "failure",
    "form",
    "framing",
    "gateway",
    "guard",
    "head",
    "hosts",
    "join",
    "journal",
    "limits",
    "link",
    "listen",
    "listing",
    "names",
    "overlong",
    "page",
    "pieces",
    "pinmap",
    "portal",
    "programs",
    "query",
    "remembered",
    "routes",
    "routing",
    "safety",
    "saved",
    "scan",
    "serving",
    "settings",
    "snapshot",
    "source",
    "spare",
    "station",
    "store",
    "stream",
    "template",
    "utf8",
    "values",
    "views",
    "wifi",
)


def load():
    """Load each cold module once: the names that it brings stay, and must not come later."""
    for name in _MODULES:
        _meet(cold, name)
    _meet(lambda name: cold("template").load(name), "page")


def _meet(load, name):
    gc.collect()
    try:
        load(name)
    except MemoryError:
        pass  # what does not fit now is no reason not to serve
