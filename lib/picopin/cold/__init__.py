"""Code that is seldom run: loaded from flash for its one use, then forgotten.

In ROMFS the bytecode stays in flash, but each function still costs its object
on the heap; what serves one request in a thousand need not hold that for ever.
"""

import sys


def use(name):
    """Return the module picopin.cold.NAME; it goes when the caller lets go of it."""
    path = __name__ + "." + name
    module = __import__(path, None, None, (name,))
    del sys.modules[path]
    globals().pop(name, None)  # the import has put it here too
    return module
