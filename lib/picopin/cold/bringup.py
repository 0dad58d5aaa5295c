"""Station and access point, brought up at boot.

Both are set explicitly each time, since the chip keeps modes and networks in
its own flash and would else bring back what it had (ports/esp8266/network_wlan.c).
"""

import network
import ubinascii as binascii
from micropython import const
from utime import sleep_ms

from picopin import cold
from picopin.log import log
from picopin.net import ap, sta

# The password of the AP when config.py's is unusable; the README names it.
RESCUE_KEY = "picopin-rescue"
_LOOKS = const(20)  # until the interface is up, before which it takes no settings
_LOOK_MS = const(10)
_AP_FILE = "/ap.saved"  # the last AP settings that config.py had right


def start(settings):
    """Bring both interfaces to what config.py says; returns at once, whatever the network does."""
    network.hostname(settings.HOSTNAME)
    known = () if settings.trouble else cold("saved").known(settings)
    if settings.AP == "always" or settings.AP_PASSWORD is None or not known:
        start_ap(settings)
    else:
        ap.active(False)
    _start_station(known)


def start_ap(settings):
    """Bring the access point up."""
    ap.active(True)
    for _ in range(_LOOKS):
        if ap.active():
            break
        sleep_ms(_LOOK_MS)
    ssid, key = _ap_identity(settings)
    mode = network.AUTH_WPA_WPA2_PSK if key else network.AUTH_OPEN
    ap.config(essid=ssid, authmode=mode, password=key)
    log.info("access point %s at %s", ssid, ap.ifconfig()[0])


def _ap_identity(settings):
    """Return (name, password) of the AP; never an open one that the owner did not ask for."""
    store = cold("store")
    own = "picopin-" + binascii.hexlify(ap.config("mac")).decode()[-6:]
    if settings.AP_PASSWORD is None:
        saved = store.load(_AP_FILE)
        if saved:
            ssid, key = saved.decode().split("\n")
            return ssid, key
        return own, RESCUE_KEY
    ssid = settings.AP_SSID or own
    good = (ssid + "\n" + settings.AP_PASSWORD).encode()
    if store.load(_AP_FILE) != good:
        store.save(_AP_FILE, good)
    return ssid, settings.AP_PASSWORD


def _start_station(known):
    """Switch the station on where there is something to join, which the supervisor then does."""
    sta.active(bool(known))
    if not known:
        return
    if sta.config("pm") != sta.PM_NONE:
        # Modem sleep would add 100 ms and more to the first packet of a request.
        sta.config(pm=sta.PM_NONE)
    link = cold("link")
    if len({entry[0] for entry in known}) > 1 or link.stored() != known[0][0].encode():
        link.leave()  # the chip has begun to join the network that it had last
