"""The chip's `network`: two WLAN objects; how the radio behaves is in the host's radio.py."""

import bus
import clocks
import ops
from binascii import unhexlify

STA_IF = 0
AP_IF = 1
STAT_IDLE = 0
STAT_CONNECTING = 1
STAT_WRONG_PASSWORD = 2
STAT_NO_AP_FOUND = 3
STAT_CONNECT_FAIL = 4
STAT_GOT_IP = 5
MODE_11B = 1
MODE_11G = 2
MODE_11N = 3
AUTH_OPEN = 0
AUTH_WEP = 1
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4

# name -> (field, bytes where True); network_wlan.c takes the old names and the new
_FIELDS = {
    "mac": (ops.CONFIG_MAC, True),
    "ssid": (ops.CONFIG_SSID, True),
    "essid": (ops.CONFIG_SSID, True),
    "hidden": (ops.CONFIG_HIDDEN, False),
    "security": (ops.CONFIG_AUTHMODE, False),
    "authmode": (ops.CONFIG_AUTHMODE, False),
    "key": (ops.CONFIG_KEY, True),
    "password": (ops.CONFIG_KEY, True),
    "channel": (ops.CONFIG_CHANNEL, False),
    "protocol": (ops.CONFIG_PROTOCOL, False),
    "txpower": (ops.CONFIG_TXPOWER, False),
    "pm": (ops.CONFIG_PM, False),
}
_WRITE_ONLY = ("key", "password", "txpower")


class WLAN:
    IF_STA = 0
    IF_AP = 1
    SEC_OPEN = 0
    SEC_WEP = 1
    SEC_WPA = 2
    SEC_WPA2 = 3
    SEC_WPA_WPA2 = 4
    PM_NONE = 0
    PM_POWERSAVE = 1
    PM_PERFORMANCE = 2

    def __new__(cls, id=0):
        if id not in (0, 1):
            raise ValueError
        return _interfaces[id]

    def active(self, state=None):
        if state is None:
            return bool(bus.call(ops.WIFI_ACTIVE, self._id, -1))
        bus.call(ops.WIFI_ACTIVE, self._id, 1 if state else 0)

    def connect(self, ssid=None, key=None, *, bssid=None):
        name = _octets(ssid or "")
        secret = _octets(key or "")
        if bssid is not None and len(bssid) != 6:
            raise ValueError
        bus.call(
            ops.WIFI_CONNECT,
            self._id,
            -1 if ssid is None else len(name),
            -1 if key is None else len(secret),
            name + secret + (bssid or b""),
        )

    def disconnect(self):
        bus.call(ops.WIFI_DISCONNECT, self._id)

    def status(self, what=None):
        if what is None:
            return bus.call(ops.WIFI_STATUS, self._id)
        if what == "rssi" and self._id == STA_IF:
            return bus.call(ops.WIFI_RSSI)
        if what == "stations" and self._id == AP_IF:
            return self._stations()
        raise ValueError("unknown status param")

    def _stations(self):
        words = str(bus.fetch(ops.WIFI_STATIONS), "ascii").split()
        return [(unhexlify(words[i]), words[i + 1]) for i in range(0, len(words), 2)]

    def scan(self):
        """A network comes as: bssid (6), channel, -rssi, authmode, hidden, length, ssid.

        One at a time: the port's own list lies in the SDK's heap, not in this one.
        """
        while (due := bus.call(ops.WIFI_SCAN, self._id)) >= 0:
            clocks.fire(due)
        found = []
        while packed := bus.fetch(ops.WIFI_FOUND):
            channel, strength, authmode, hidden, size = packed[6:11]
            ssid = packed[11 : 11 + size]
            found.append((ssid, packed[:6], channel, -strength, authmode, hidden))
        return found

    def isconnected(self):
        return bool(bus.call(ops.WIFI_ISCONNECTED, self._id))

    def ifconfig(self, fields=None):
        if fields is None:
            return tuple(str(bus.fetch(ops.WIFI_IFCONFIG, self._id), "ascii").split())
        if fields == "dhcp":
            bus.call(ops.WIFI_DHCP, self._id, 1)
        else:
            packed = b"".join([_packed(each) for each in fields])
            bus.call(ops.WIFI_IFCONFIG, self._id, 0, 0, packed)
        return None

    def ipconfig(self, what=None, **changes):
        if what is not None:
            return self._ipconfig_get(what)
        for name in changes:
            if name == "dhcp4":
                bus.call(ops.WIFI_DHCP, self._id, 1 if changes[name] else 0)
            elif name in ("addr4", "gw4"):
                self._ipconfig_set(name, changes[name])
            else:
                raise ValueError("unexpected key")

    def _ipconfig_get(self, what):
        if what == "dhcp4":
            return bool(bus.call(ops.WIFI_DHCP, self._id, -1))
        if what not in ("addr4", "gw4"):
            raise ValueError("unexpected key")
        now = self.ifconfig()
        return now[2] if what == "gw4" else now[:2]

    def _ipconfig_set(self, name, value):
        ip, mask, gateway, dns = self.ifconfig()
        if name == "gw4":
            gateway = value
        elif isinstance(value, str):
            ip, *bits = value.split("/")
            mask = int(bits[0]) if bits else mask
        else:
            ip, mask = value
        self.ifconfig((ip, mask, gateway, dns))

    def config(self, what=None, **changes):
        if what is not None:
            if changes:
                raise TypeError("either pos or kw args are allowed")
            return self._config_get(what)
        if not changes:
            raise TypeError("can query only one param")
        for name in changes:
            self._config_set(name, changes[name])
        bus.call(ops.WIFI_COMMIT, self._id)

    def _config_get(self, what):
        if what in ("hostname", "dhcp_hostname"):
            return hostname()
        if what not in _FIELDS or what in _WRITE_ONLY:
            raise ValueError("unknown config param")
        field, octets = _FIELDS[what]
        if not octets:
            value = bus.call(ops.WIFI_GET_INT, self._id, field)
            return bool(value) if what == "hidden" else value
        value = bus.fetch(ops.WIFI_GET_BYTES, self._id, field)
        return value if what == "mac" else str(value, "utf-8")

    def _config_set(self, name, value):
        if name in ("hostname", "dhcp_hostname"):
            hostname(value)
            return
        if name not in _FIELDS:
            raise ValueError("unknown config param")
        field, octets = _FIELDS[name]
        if octets:
            bus.call(ops.WIFI_SET_BYTES, self._id, field, 0, _octets(value))
        else:
            bus.call(ops.WIFI_SET_INT, self._id, field, int(value))


def _octets(text):
    return text.encode() if isinstance(text, str) else bytes(text)


def _packed(address):
    """Four bytes of a dotted address, or of a netmask given as its number of bits."""
    if isinstance(address, int):
        return ((0xFFFFFFFF << (32 - address)) & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes([int(part) for part in address.split(".")])


def hostname(name=None):
    if name is None:
        return str(bus.fetch(ops.WIFI_HOSTNAME), "utf-8")
    octets = _octets(name)
    if len(octets) > 32:  # extmod/modnetwork.h, MICROPY_PY_NETWORK_HOSTNAME_MAX_LEN
        raise ValueError
    bus.call(ops.WIFI_HOSTNAME, 0, 1, 0, octets)


def country(code=None):
    if code is None:
        return "XX"
    if len(code) != 2:
        raise ValueError


def phy_mode(mode=None):
    station = _interfaces[STA_IF]
    if mode is None:
        return station.config("protocol")
    station.config(protocol=mode)


def _interface(id):
    interface = object.__new__(WLAN)
    interface._id = id
    return interface


_interfaces = (_interface(STA_IF), _interface(AP_IF))
