"""What every part of the firmware needs: code that is seldom run, and a way to refuse."""

import gc
import sys

VERSION = "1.0.0"


def cold(name):
    """Load cold/NAME from flash for its one use; return the module, which goes when let go of.

    In ROMFS the bytecode stays in flash, but each function still costs its object
    on the heap; what serves one request in a thousand need not hold that for ever.
    """
    # By its own name and from lib/c, where the build puts it: names are never forgotten, and a
    # file's path is one of them.
    gc.collect()  # it then lies in the lowest gaps, and what is free above stays whole
    sys.path.insert(0, __path__[:-7] + "c")  # beside "picopin"
    try:
        return __import__(name)
    finally:
        del sys.path[0]
        forget(name)


def forget(name):
    """Take a module out of sys.modules, so that it goes when nobody uses it.

    One whose loading failed is out already, but its place in the table still points
    to it (py/builtinimport.c, py/map.c): it is taken once more, and emptied.
    """
    sys.modules[name] = None
    sys.modules.pop(name)


class Refusal(Exception):
    """A request that is answered with an error; nothing has changed.

    code: the error's word in static/errors.txt, where status and text of every
    error are (cold.failure reads them).  param: the parameter at fault.
    allowed: a list of what would have been taken.  fill: a tuple for the text's
    %s.  headers: further header lines (bytes), each with CR LF.
    MicroPython's exceptions take no keywords: give all of them in this order.
    """

    delay = 0  # milliseconds to wait before it is answered, where a handler returns it

    def __init__(self, code, param=None, allowed=None, fill=(), headers=b""):
        self.code = code
        self.param = param
        self.allowed = allowed
        self.fill = fill
        self.headers = headers
