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


def stored():
    """Return the name of the network that the chip has stored, as bytes; None if it is not text.

    Its 32 bytes are read as a C string, so that a name without room for the NUL runs on into
    the password, and one of no UTF-8 raises (ports/esp8266/network_wlan.c, esp_config).
    """
    try:
        return sta.config("essid").encode()[:32]
    except UnicodeError:
        return None


def leave():
    """Take the station off the air, whether it has joined, hunts or rests."""
    try:
        sta.disconnect()
    except OSError:  # the SDK may say so where there is nothing to leave
        pass
