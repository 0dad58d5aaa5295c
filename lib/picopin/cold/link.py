"""Both Wi-Fi interfaces: how they are shown, and leaving the air."""

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


def leave():
    """Take the station off the air, whether it has joined, hunts or rests."""
    try:
        sta.disconnect()
    except OSError:  # the SDK may say so where there is nothing to leave
        pass
