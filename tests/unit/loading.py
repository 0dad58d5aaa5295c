"""picopin.cold and forget: what is loaded for one use is gone after it, also where it failed."""

import gc
import os
import sys

from harness import equal, run

from picopin import cold, forget

NAME = "unit_test_module"
SIZE = 40_000  # bytes that the module holds
SLACK = 4_000  # what a compiled module, its names and a traceback may leave


def load(text):
    """Load a module of our own as cold() does; return the exception's name, or None."""
    with open(NAME + ".py", "w") as f:
        f.write(text)
    sys.path.insert(0, "")
    try:
        __import__(NAME)
    except Exception as e:
        return type(e).__name__
    finally:
        del sys.path[0]
        forget(NAME)
        os.remove(NAME + ".py")


def kept_by(text, wanted):
    """Bytes that are still held after loading `text`."""
    load("pass")  # its names are met
    gc.collect()
    before = gc.mem_free()
    equal(load(text), wanted)
    gc.collect()
    return before - gc.mem_free()


def test_a_module_goes_after_its_use():
    text = "data = bytearray(%d)" % SIZE
    equal(kept_by(text, None) < SLACK, True)


def test_a_module_that_failed_goes_too():
    """The import takes it from sys.modules, but leaves a reference in that table."""
    text = "data = bytearray(%d)\nraise MemoryError" % SIZE
    equal(kept_by(text, "MemoryError") < SLACK, True)


def test_cold_modules_are_not_listed():
    before = set(sys.modules)
    equal(cold("utf8").__name__, "utf8")
    equal(set(sys.modules), before)


run(globals())
