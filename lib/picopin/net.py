"""Station and access point: brought up at boot.  The only importer of network.

Both are set explicitly at each boot, since the chip keeps modes and networks
in its own flash and would else bring back what it had (ports/esp8266/network_wlan.c).
"""

import binascii

import network

from picopin import store
from picopin.log import log

# The password of the AP when config.py's is unusable; the README names it.
RESCUE_KEY = "picopin-rescue"

_AP_FILE = "/ap.saved"  # the last AP settings that config.py had right

STATION = {0: "idle", 1: "connecting", 2: "wrong password", 3: "not found", 4: "failed", 5: "up"}

_sta = network.WLAN(network.STA_IF)
_ap = network.WLAN(network.AP_IF)


def start(settings):
    """Bring both interfaces to what config.py says; returns at once, whatever the network does."""
    network.hostname(settings.HOSTNAME)
    _start_ap(settings)
    _start_station(settings)


def _start_ap(settings):
    wanted = settings.AP != "never" or settings.AP_PASSWORD is None or not settings.WIFI
    _ap.active(wanted)
    if not wanted:
        return
    ssid, key = _ap_identity(settings)
    mode = network.AUTH_WPA_WPA2_PSK if key else network.AUTH_OPEN
    _ap.config(essid=ssid, authmode=mode, password=key)
    log.info("access point %s at %s", ssid, _ap.ifconfig()[0])


def _ap_identity(settings):
    """Return (name, password) of the AP; never an open one that the owner did not ask for."""
    own = "picopin-" + binascii.hexlify(_ap.config("mac")).decode()[-6:]
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


def _start_station(settings):
    _sta.active(bool(settings.WIFI))
    if settings.WIFI:
        ssid, key = settings.WIFI[0]
        if _sta.config("essid") == ssid and _sta.isconnected():
            return
        _sta.connect(ssid, key)  # does not block


def status():
    """Return what /status says of both interfaces."""
    return {
        "station": {
            "state": STATION.get(_sta.status(), "idle"),
            "ssid": _sta.config("essid"),
            "address": _sta.ifconfig()[0],
        },
        "ap": {
            "active": _ap.active(),
            "ssid": _ap.config("essid"),
            "address": _ap.ifconfig()[0],
        },
    }
