"""Safe mode: a board whose starts fail still shows its page, and why.

Three starts in a row that end by a fault within a minute, a config.py that
does not run, or GPIO0 (the button FLASH) held for a second in the first
ten (cold.early; pin 0 must be up at the reset itself, or the boot loader takes over):
then outputs are at their boot level, no network is joined, and
/status shows the last traceback.  A restart that somebody asks for ends it.
"""

import sys

import uio as io
import umachine as machine
from micropython import const
from utime import sleep_ms

from picopin import cold, retained

_CRASHED = const(3)  # further marks for retained.MARK: main.py ended by an exception
_MOST = const(3)  # starts that failed
_FAULTS = (1, 2, 3)  # reset causes: hardware watchdog, exception, software watchdog
_FILE = "/trouble.saved"
_RESETS = {
    _CRASHED: "main.py failed",
    retained.WATCHDOG: "no sign of life",
    retained.FULL: "out of memory",
}
_LONGEST = const(600)  # bytes kept of a traceback, its end
_PAUSE_MS = const(1000)  # before a board that failed starts again: time for Ctrl-C
_LONG_PAUSE_MS = const(10000)  # where even safe mode failed


def look(settings, cause):
    """Find out how the start before ended; settings.trouble says why this one is in safe mode.

    cause: machine.reset_cause().
    """
    cold("remembered").load()
    mark = retained.kept[retained.MARK]
    settings.reset = _RESETS.get(mark)
    retained.put(retained.MARK, 0)
    failed = mark in (_CRASHED, retained.WATCHDOG) or (mark == 0 and cause in _FAULTS)
    count = min(retained.kept[retained.BOOTS] + 1, 255) if failed else 0
    retained.put(retained.BOOTS, count)
    if mark == retained.BUTTON:
        settings.trouble = "GPIO0 was held"
    elif count >= _MOST:
        settings.trouble = "%d starts in a row failed" % count


def note(e):
    """Print a traceback and keep it for explain()."""
    text = io.StringIO()
    sys.print_exception(e, text)
    text = text.getvalue()
    print(text)
    store = cold("store")
    data = text.encode()[-_LONGEST:]
    if store.load(_FILE) != data:
        store.save(_FILE, data)


def explain(trouble):
    """Return settings.trouble with the last traceback behind it."""
    kept = cold("store").load(_FILE) or b""
    try:
        return ("%s\n%s" % (trouble, kept.decode())).strip()
    except UnicodeError:  # its beginning was cut off inside a character
        return trouble


def rescue(e):
    """boot.py has failed: return Settings with which main.py can serve, access point up."""
    settings = cold("check").load(None)
    settings.trouble = "boot.py failed"
    note(e)
    cold("bringup").start(settings)
    return settings


def crashed(e):
    """main.py has failed: keep why, and start again."""
    note(e)
    retained.put(retained.MARK, _CRASHED)
    sleep_ms(_PAUSE_MS if retained.kept[retained.BOOTS] < _MOST else _LONG_PAUSE_MS)
    machine.reset()
