# Stands in for the chip's `network` in the bench: an access point that is up, nobody to join.
STA_IF = 0
AP_IF = 1
STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_WRONG_PASSWORD = 2
STAT_NO_AP_FOUND = 3
STAT_CONNECT_FAIL = 4
STAT_GOT_IP = 5
AUTH_OPEN = 0
AUTH_WPA_WPA2_PSK = 4

_FACTS = {"mac": b"\x02\x00\x00\x0a\x1b\x2c", "essid": "bench", "ssid": "bench"}


class WLAN:
    PM_NONE = 0
    IF_STA = 0
    IF_AP = 1

    def __init__(self, interface):
        self._address = "192.168.4.1" if interface == AP_IF else "0.0.0.0"
        self._active = False

    def active(self, on=None):
        if on is not None:
            self._active = on
        return self._active

    def config(self, name=None, **settings):
        return _FACTS.get(name)

    def connect(self, ssid=None, key=None):
        pass

    disconnect = connect

    def isconnected(self):
        return False

    def scan(self):
        return []

    def status(self, name=None):
        return [] if name == "stations" else STAT_IDLE

    def ifconfig(self, addresses=None):
        return (self._address, "255.255.255.0", self._address, "0.0.0.0")


def hostname(name=None):
    return name
