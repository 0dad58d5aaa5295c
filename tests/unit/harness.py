"""Runs the functions test_* of a script, inside MicroPython.

Here: `make unit`. On a board: mpremote cp tests/unit/harness.py : + run tests/unit/query.py
"""

import sys


def run(names):
    """Run each test_* in `names` (the script's globals()); prints a line for each."""
    failed = 0
    for name in sorted(names):
        if name.startswith("test_"):
            try:
                names[name]()
                print("ok", name)
            except Exception as e:
                failed += 1
                sys.print_exception(e)
                print("FAIL", name)
    print("all passed" if not failed else "%d failed" % failed)


def refusal(function, *args):
    """Return (code, param) of the Refusal that function(*args) raises or returns; None for none."""
    from picopin import Refusal

    try:
        e = function(*args)
    except Refusal as raised:
        e = raised
    if isinstance(e, Refusal):
        return e.code, e.param


def equal(got, wanted, what=""):
    """Fail with both where they differ."""
    if got != wanted:
        raise AssertionError("%s: got %r, wanted %r" % (what, got, wanted))
