"""Compiled templates, each loaded for its one use."""

import sys

from utemplate.compiled import Loader

import picopin


def load(name):
    """Return the compiled template's generator function, its module forgotten as cold() does."""
    name += "_tpl"
    render = Loader("picopin", "templates").load(name)
    for module in ("picopin.templates." + name, "picopin.templates", "utemplate.compiled"):
        del sys.modules[module]
    del sys.modules["utemplate"]
    del picopin.templates
    return render
