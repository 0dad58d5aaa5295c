"""The networks that were entered from the phone, kept in flash.

A list of (ssid, key, worked).  A network is saved before it is tried, so that
a power cut loses nothing; until it has worked, an older key of the same name
stays beside it.
"""

import ujson as json

from picopin import cold

MOST = 6  # networks
_FILE = "/wifi.saved"

store = cold("store")


def load():
    """Return the saved networks, the newest first."""
    return [tuple(entry) for entry in json.loads(store.load(_FILE) or b"[]")]


def known(settings):
    """Return all networks that may be joined: those from the phone, then config.WIFI."""
    found = load()
    for ssid, key in settings.WIFI:
        found.append((ssid, key, True))
    return found


def _save(entries):
    data = json.dumps(entries).encode()
    if store.load(_FILE) != data:
        store.save(_FILE, data)


def add(ssid, key):
    """Save a network that is still to be tried.  Returns False where there is no room."""
    entries = load()
    for entry in entries:
        if entry[:2] == (ssid, key):
            return True
    entries = [entry for entry in entries if entry[0] != ssid or entry[2]]
    if len(entries) >= MOST:
        return False
    _save([(ssid, key, False)] + entries)
    return True


def prove(ssid, key):
    """Note that a network has worked with this key: others of its name are over."""
    entries = load()
    if (ssid, key, False) in entries:
        _save([(ssid, key, True)] + [entry for entry in entries if entry[0] != ssid])


def drop(ssid, key):
    """Forget a key that was never right; one that has worked is kept."""
    _save([entry for entry in load() if entry != (ssid, key, False)])


def forget(ssid):
    """Forget a network.  Returns False where none is saved under that name."""
    entries = load()
    kept = [entry for entry in entries if entry[0] != ssid]
    if len(kept) == len(entries):
        return False
    _save(kept)
    return True
