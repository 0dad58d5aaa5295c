"""boot="last": states that outlive a power cut.  Loaded only where config.PINS has one.

Flash wears out, so a state is written when the pins have rested for five
seconds, and at most once a minute.
"""

from micropython import const
from utime import ticks_diff, ticks_ms

from picopin import cold, gpio

_FILE = "/pins.saved"
_SETTLE_MS = const(5000)
_SELDOM_MS = const(60000)

_saved = {}  # GPIO -> bool: what is in flash
_saved_at = None  # ticks; None: not since the start


def load():
    """Return the saved states, GPIO number to bool."""
    for word in (cold("store").load(_FILE) or b"").split():
        _saved[int(word[1:])] = word[:1] == b"+"
    return _saved


def save():
    """Save the states if they changed, rested and it is time.  Called once a second."""
    global _saved, _saved_at
    states = {
        p.number: p.is_on() for p in gpio.pins if p.mode == "out" and p.last and p.until is None
    }
    now = ticks_ms()
    if all(states[n] == _saved.get(n, False) for n in states):
        return
    # Less than 0: it was more than 6 days ago, which ticks cannot tell.
    if 0 <= ticks_diff(now, gpio.changed_at) < _SETTLE_MS:
        return
    if _saved_at is not None and 0 <= ticks_diff(now, _saved_at) < _SELDOM_MS:
        return
    cold("store").save(_FILE, b" ".join([b"%s%d" % ("+" if states[n] else "-", n) for n in states]))
    _saved = states
    _saved_at = now
