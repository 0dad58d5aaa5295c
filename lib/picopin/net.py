"""Station and access point: brought up at boot.  The only importer of network.

cold.bringup sets both up at boot.
"""

import network

from picopin.log import log  # noqa: F401 - whoever has the network has the log

STATION = {0: "idle", 1: "connecting", 2: "wrong password", 3: "not found", 4: "failed", 5: "up"}

sta = network.WLAN(network.STA_IF)
ap = network.WLAN(network.AP_IF)


def status():
    """Return what /status says of both interfaces."""
    return {
        "station": {
            "state": STATION.get(sta.status(), "idle"),
            "ssid": sta.config("essid"),
            "address": sta.ifconfig()[0],
        },
        "ap": {
            "active": ap.active(),
            "ssid": ap.config("essid"),
            "address": ap.ifconfig()[0],
        },
    }
