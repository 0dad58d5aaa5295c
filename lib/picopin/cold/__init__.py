"""Code that is seldom run: loaded from flash for its one use, then forgotten.

In ROMFS the bytecode stays in flash, but each function still costs its object
on the heap; what serves one request in a thousand need not hold that for ever.
"""

import os
import sys


def use(name):
    """Return the module in cold/NAME; it goes when the caller lets go of it."""
    # By its own name, not as picopin.cold.NAME: names are never forgotten, and cost heap.
    sys.path.insert(0, __path__)
    try:
        return __import__(name)
    finally:
        del sys.path[0]
        sys.modules.pop(name, None)


def meet():
    """Load each once, at start: the names that it brings stay, and must not come between later."""
    for entry in os.ilistdir(__path__):
        name = entry[0].split(".")[0]
        if name not in ("__init__", "check"):  # check, the largest, serves the start alone
            use(name)
