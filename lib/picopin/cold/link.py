"""Both Wi-Fi interfaces, as they are shown."""

from picopin import net
from picopin.net import ap, sta


def status():
    """Return what /status says of them."""
    return {
        "station": {"state": net.state, "ssid": net.ssid or "", "address": sta.ifconfig()[0]},
        "ap": {
            "active": ap.active(),
            "ssid": ap.config("essid"),
            "address": ap.ifconfig()[0],
        },
    }
