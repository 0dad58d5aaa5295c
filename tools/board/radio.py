"""Both Wi-Fi interfaces as the port offers them (ports/esp8266/network_wlan.c)."""

import asyncio
from ipaddress import IPv4Address
from typing import Protocol

from tools.board import ops
from tools.board.air import AUTH_OPEN, Air
from tools.board.bus import Bus, os_error, value_error
from tools.board.settings import AP_MODE, STATION_MODE, SettingsStore
from tools.board.station import GOT_IP, NO_ADDRESS, STATUS_NAMES, Delays, Station
from tools.board.trace import Trace

STATION, ACCESS_POINT = 0, 1
AP_ADDRESS = "192.168.4.1"
HOSTNAME = "mpy-esp8266"  # mpconfigport.h
SLEEP_MODEM = 2
PHY_11N = 3
MAX_SSID, MAX_KEY, MIN_KEY = 32, 63, 8
_MODE = {STATION: STATION_MODE, ACCESS_POINT: AP_MODE}
_DEFAULT_TXPOWER = 20


class Wire(Protocol):
    """An interface as its clients see it: the relay's end of the radio."""

    def rise(self, address: str) -> None: ...

    def fall(self) -> None: ...


class Radio:
    """The radio: what the program sets, what the air makes of it, and who hears whom."""

    def __init__(self, store: SettingsStore, mac: bytes, trace: Trace) -> None:
        self.air = Air()
        self.delays = Delays()
        self.station = Station(self.air, self.delays, self._changed)
        self.store = store
        self.wires: dict[int, Wire] = {}
        self.ap_stations: dict[bytes, str] = {}
        self.hostname = HOSTNAME
        self.scans = 0
        self._mac = {STATION: mac, ACCESS_POINT: bytes((mac[0] | 2,)) + mac[1:]}
        self._trace = trace
        self._staged: dict[int, int | bytes] = {}
        self._address: dict[int, bytes] = {}
        self._heard: dict[int, str] = {}
        self._seen: tuple[object, ...] = ()
        self._variables: dict[int, int] = {}

    def attach(self, bus: Bus) -> None:
        bus.on(ops.WIFI_ACTIVE, self._active)
        bus.on(ops.WIFI_CONNECT, self._connect)
        bus.on(ops.WIFI_DISCONNECT, self._disconnect)
        bus.on(ops.WIFI_STATUS, lambda unit: -1 if unit else self.station.status)
        bus.on(ops.WIFI_RSSI, self._rssi)
        bus.on(ops.WIFI_STATIONS, self._stations)
        bus.on(ops.WIFI_SCAN, self._scan)
        bus.on(ops.WIFI_ISCONNECTED, self._is_connected)
        bus.on(ops.WIFI_GET_INT, self._get_int)
        bus.on(ops.WIFI_GET_BYTES, self._get_bytes)
        bus.on(ops.WIFI_SET_INT, self._set_int)
        bus.on(ops.WIFI_SET_BYTES, self._set_bytes)
        bus.on(ops.WIFI_COMMIT, self._commit)
        bus.on(ops.WIFI_IFCONFIG, self._ifconfig)
        bus.on(ops.WIFI_HOSTNAME, self._hostname)
        bus.on(ops.WIFI_DHCP, self._dhcp)

    # Power and what follows from it.

    def power_on(self) -> None:
        """A reset of the chip: modes and the station's network come from the settings."""
        self.hostname = HOSTNAME
        self._variables = {
            ops.CONFIG_PM: SLEEP_MODEM,
            ops.CONFIG_PROTOCOL: PHY_11N,
            ops.CONFIG_TXPOWER: _DEFAULT_TXPOWER,
        }
        self._address.clear()
        self.station.static_address = None
        self.station.power(self._is_on(STATION))
        self._reconnect()
        self._changed()

    def power_off(self) -> None:
        self.station.power(False)
        for interface in (STATION, ACCESS_POINT):
            self._hear(interface, None)

    def _reconnect(self) -> None:
        """The SDK joins the stored network by itself when the station comes up."""
        now = self.store.now
        if self._is_on(STATION) and now.station_ssid:
            bssid = bytes.fromhex(now.station_bssid)
            self.station.connect(now.station_ssid, now.station_key, bssid)

    def _is_on(self, interface: int) -> bool:
        return bool(self.store.now.opmode & _MODE[interface])

    @property
    def ap_up(self) -> bool:
        """A station that hunts takes the one radio to other channels."""
        return self._is_on(ACCESS_POINT) and not self.station.sweeping

    @property
    def channel(self) -> int:
        """One radio: the access point follows the station's channel."""
        router = self.station.router
        return router.channel if router else self.store.now.ap_channel

    def _changed(self) -> None:
        self._hear(STATION, self.station.address if self.station.up else None)
        self._hear(ACCESS_POINT, self._own_address(ACCESS_POINT) if self.ap_up else None)
        seen = (self.station.status, self.station.address, self.store.now.opmode & AP_MODE)
        if seen != self._seen:
            self._seen = seen
            self._trace.event("wifi", **self.state_line())

    def _hear(self, interface: int, address: str | None) -> None:
        """Tell the relay whether the interface hears its clients."""
        if interface not in self.wires or self._heard.get(interface) == address:
            return
        if address:
            self._heard[interface] = address
            self.wires[interface].rise(address)
        else:
            self._heard.pop(interface, None)
            self.wires[interface].fall()

    def state_line(self) -> dict[str, object]:
        now = self.store.now
        return {
            "station": STATUS_NAMES[self.station.status],
            "address": self.station.address,
            "ap": now.ap_ssid if now.opmode & AP_MODE else None,
        }

    # WLAN.active, connect, disconnect, status.

    def _active(self, unit: int, a: int) -> int:
        if a >= 0 and bool(a) != self._is_on(unit):
            self.store.save(opmode=self.store.now.opmode ^ _MODE[unit])
            if unit == STATION:
                self.station.power(bool(a))
                self._reconnect()
            self._changed()
        return int(self._is_on(unit))

    def _need(self, unit: int, interface: int) -> None:
        if unit != interface:
            raise os_error("STA required" if interface == STATION else "AP required")

    def _connect(self, unit: int, a: int, b: int, payload: bytes) -> None:
        self._need(unit, STATION)
        if a >= 0 or b >= 0:
            self._store_network(a, b, payload)
        if not self._is_on(STATION):
            raise os_error("Cannot connect to AP")
        self._reconnect()

    def _store_network(self, a: int, b: int, payload: bytes) -> None:
        if not self._is_on(STATION):
            raise os_error("Cannot set STA config")
        ssid, rest = payload[: max(a, 0)], payload[max(a, 0) :]
        key, bssid = rest[: max(b, 0)], rest[max(b, 0) :]
        self.store.save(
            station_ssid=_text(ssid[:MAX_SSID]), station_key=_text(key), station_bssid=bssid.hex()
        )

    def _disconnect(self, unit: int) -> None:
        self._need(unit, STATION)
        if not self._is_on(STATION):
            raise os_error("Cannot disconnect from AP")
        self.station.disconnect()

    def _is_connected(self, unit: int) -> bool:
        return bool(self.ap_stations) if unit else self.station.status == GOT_IP

    def _rssi(self) -> int:
        router = self.station.router
        return router.rssi if router else 31  # the SDK's "no value"

    def _stations(self) -> bytes:
        return b"".join(mac + IPv4Address(ip).packed for mac, ip in self.ap_stations.items())

    async def _scan(self, unit: int) -> bytes:
        """Blocks the program, and takes the radio from everyone else, for its whole time."""
        self._need(unit, STATION)
        if not self._is_on(STATION):
            raise os_error("STA must be active")
        self.scans += 1
        await asyncio.sleep(self.delays.scan)
        found = b""
        for router in self.air.visible():
            name = b"" if router.hidden else router.ssid.encode()
            head = (router.channel, -router.rssi, router.authmode, router.hidden, len(name))
            found += router.bssid + bytes(head) + name
        return found

    # WLAN.config, ifconfig; network.hostname.

    def _get_int(self, unit: int, a: int) -> int:
        if a == ops.CONFIG_CHANNEL:
            return self.channel
        if a in (ops.CONFIG_HIDDEN, ops.CONFIG_AUTHMODE):
            self._need(unit, ACCESS_POINT)
            now = self.store.now
            return now.ap_hidden if a == ops.CONFIG_HIDDEN else now.ap_authmode
        return self._variables[a]

    def _get_bytes(self, unit: int, a: int) -> bytes:
        if a == ops.CONFIG_MAC:
            return self._mac[unit]
        now = self.store.now
        return _octets(now.ap_ssid if unit else now.station_ssid)

    def _set_int(self, a: int, b: int) -> None:
        if a in self._variables:
            self._variables[a] = b
        else:
            self._staged[a] = b

    def _set_bytes(self, unit: int, a: int, payload: bytes) -> None:
        if a != ops.CONFIG_MAC:
            self._staged[a] = payload
        elif len(payload) != 6:
            raise value_error("invalid buffer length")
        else:
            self._mac[unit] = payload

    def _commit(self, unit: int) -> None:
        """esp_config(): which interface a setting needs is looked at after all are taken."""
        staged, self._staged = self._staged, {}
        if staged.keys() - {ops.CONFIG_CHANNEL}:
            self._need(unit, ACCESS_POINT)
        if unit == ACCESS_POINT:
            self._configure_ap(staged)

    def _configure_ap(self, staged: dict[int, int | bytes]) -> None:
        now = self.store.now
        ssid = _bytes(staged.get(ops.CONFIG_SSID, _octets(now.ap_ssid)))[:MAX_SSID]
        key = _bytes(staged.get(ops.CONFIG_KEY, _octets(now.ap_key)))
        authmode = staged.get(ops.CONFIG_AUTHMODE, now.ap_authmode)
        encrypted = authmode != AUTH_OPEN
        if not self._is_on(ACCESS_POINT) or not ssid:
            raise os_error("can't set AP config")
        if encrypted and not MIN_KEY <= len(key) <= MAX_KEY:
            raise os_error("can't set AP config")
        self.store.save(
            ap_ssid=_text(ssid),
            ap_key=_text(key),
            ap_authmode=int(authmode),
            ap_hidden=int(staged.get(ops.CONFIG_HIDDEN, now.ap_hidden)),
            ap_channel=int(staged.get(ops.CONFIG_CHANNEL, now.ap_channel)),
        )
        self._seen = ()
        self._changed()

    def _own_address(self, interface: int) -> str:
        if interface == STATION:
            return self.station.address
        packed = self._address.get(ACCESS_POINT)
        return str(IPv4Address(packed[:4])) if packed else AP_ADDRESS

    def _ifconfig(self, unit: int, payload: bytes) -> bytes:
        if payload:
            self._address[unit] = payload
            if unit == STATION:
                self.station.static_address = str(IPv4Address(payload[:4]))
            self._changed()
        if unit in self._address:
            return self._address[unit]
        return self._dynamic_address(unit)

    def _dynamic_address(self, unit: int) -> bytes:
        router = self.station.router
        if unit == ACCESS_POINT:
            fields = (AP_ADDRESS, "255.255.255.0", AP_ADDRESS, NO_ADDRESS)
        elif router:
            fields = (self.station.address, "255.255.255.0", router.gateway, router.gateway)
        else:
            fields = (NO_ADDRESS,) * 4
        return b"".join(IPv4Address(each).packed for each in fields)

    def _hostname(self, a: int, payload: bytes) -> bytes:
        if a:
            self.hostname = _text(payload)
        return _octets(self.hostname)

    def _dhcp(self, unit: int, a: int) -> int:
        if a == 1:
            self._address.pop(unit, None)
            self.station.static_address = None
        return int(unit not in self._address)


def _text(octets: bytes) -> str:
    """Names on the air are bytes; kept as text that gives the same bytes back."""
    return octets.decode("utf-8", "surrogateescape")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""
