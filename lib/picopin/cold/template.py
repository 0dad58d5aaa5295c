"""Compiled templates, each loaded for its one use."""

import picopin


def load(name):
    """Return the compiled template's generator function, its module forgotten as cold() does."""
    name += "_tpl"
    try:
        from utemplate.compiled import Loader

        return Loader("picopin", "templates").load(name)
    finally:  # also where memory lacks half-way: half a module must not stay
        for module in ("picopin.templates." + name, "picopin.templates", "utemplate.compiled"):
            picopin.forget(module)
        picopin.forget("utemplate")
        if hasattr(picopin, "templates"):
            del picopin.templates
