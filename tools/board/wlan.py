"""The port's binding of the radio: the rules of network.WLAN (ports/esp8266/network_wlan.c)."""

from collections.abc import Callable
from ipaddress import IPv4Address

from tools.board import ops
from tools.board.air import AUTH_OPEN, Router
from tools.board.bus import Bus, os_error, value_error
from tools.board.radio import ACCESS_POINT, STATION, Radio
from tools.board.scan import Scan
from tools.board.station import GOT_IP, NO_ADDRESS

HOSTNAME = "mpy-esp8266"  # mpconfigport.h, until the program sets another
# Bytes. The fields of struct station_config are ssid[32], password[64], bssid_set, bssid[6];
# of an access point's password the port keeps a byte for the NUL.
MAX_SSID, MIN_KEY, MAX_KEY, STATION_KEY = 32, 8, 63, 64
NETMASK = "255.255.255.0"
_NO_RSSI = 31  # what the SDK answers while it has joined nothing
_AFTER_RESET = {  # settings that the SDK does not store
    ops.CONFIG_PM: 2,  # MODEM_SLEEP_T
    ops.CONFIG_PROTOCOL: 3,  # PHY_MODE_11N
    ops.CONFIG_TXPOWER: 20,  # dBm
}


class Wlan:
    """Both WLAN objects; `unit` is STATION or ACCESS_POINT."""

    def __init__(self, radio: Radio, mac: bytes, scan_over: Callable[[], None]) -> None:
        """scan_over: called when a scan has ended, before the program has its answer."""
        self.hostname = HOSTNAME
        self.scans = 0
        self.scan = Scan()
        self._found: list[Router] = []  # by the last scan, and not yet fetched
        self._scan_over = scan_over
        self._radio = radio
        self._factory_mac = mac
        self.reset()

    def reset(self) -> None:
        """What lies in RAM starts anew."""
        mac = self._factory_mac
        self.hostname = HOSTNAME
        self._mac = {STATION: mac, ACCESS_POINT: bytes((mac[0] | 2,)) + mac[1:]}
        self._volatile = dict(_AFTER_RESET)
        self._staged: dict[int, int] = {}
        self._staged_text: dict[int, bytes] = {}
        self._static: dict[int, str] = {}

    def attach(self, bus: Bus) -> None:
        bus.on(ops.WIFI_ACTIVE, self._active)
        bus.on(ops.WIFI_CONNECT, self._connect)
        bus.on(ops.WIFI_DISCONNECT, self._disconnect)
        bus.on(ops.WIFI_STATUS, lambda unit: -1 if unit else self._radio.station.status)
        bus.on(ops.WIFI_RSSI, self._rssi)
        bus.on(ops.WIFI_STATIONS, self._stations)
        bus.on(ops.WIFI_SCAN, self._scan)
        bus.on(ops.WIFI_FOUND, self._next_found)
        bus.on(ops.WIFI_ISCONNECTED, self._is_connected)
        bus.on(ops.WIFI_GET_INT, self._get_int)
        bus.on(ops.WIFI_GET_BYTES, self._get_bytes)
        bus.on(ops.WIFI_SET_INT, self._set_int)
        bus.on(ops.WIFI_SET_BYTES, self._set_bytes)
        bus.on(ops.WIFI_COMMIT, self._commit)
        bus.on(ops.WIFI_IFCONFIG, self._ifconfig)
        bus.on(ops.WIFI_HOSTNAME, self._hostname)
        bus.on(ops.WIFI_DHCP, self._dhcp)

    def _active(self, unit: int, on: int) -> bool:
        if on >= 0:
            self._radio.switch(unit, bool(on))
        return self._radio.is_on(unit)

    # The station.

    def _need(self, unit: int, interface: int) -> None:
        """require_if()."""
        if unit != interface:
            raise os_error("STA required" if interface == STATION else "AP required")

    def _need_station_on(self, text: str) -> None:
        if not self._radio.is_on(STATION):
            raise os_error(text)

    def _connect(self, unit: int, ssid_length: int, key_length: int, payload: bytes) -> None:
        """Lengths of -1: not given; without any the stored network is joined."""
        self._need(unit, STATION)
        if ssid_length >= 0 or key_length >= 0 or payload:
            self._need_station_on("Cannot set STA config")
            ssid, rest = _split(payload, max(ssid_length, 0))
            key, bssid = _split(rest, max(key_length, 0))
            self._radio.store.save(
                station_ssid=_text(ssid[:MAX_SSID]),
                station_key=_text(key[:STATION_KEY]),
                station_bssid=bssid.hex(),
            )
        self._need_station_on("Cannot connect to AP")
        self._radio.reconnect()

    def _disconnect(self, unit: int) -> None:
        self._need(unit, STATION)
        self._need_station_on("Cannot disconnect from AP")
        self._radio.station.disconnect()

    def _is_connected(self, unit: int) -> bool:
        """The station has an address; the access point has a station."""
        return bool(self._radio.ap_stations) if unit else self._radio.station.status == GOT_IP

    def _rssi(self) -> int:
        return self._radio.router.rssi if self._radio.router else _NO_RSSI

    async def _scan(self, unit: int) -> int:
        """Blocks the program for its whole time, as esp_scan() does.

        That does not look at what wifi_station_scan() answers: where the SDK refuses, the
        callback that would end it never comes.
        """
        self._need(unit, STATION)
        self._need_station_on("STA must be active")
        self.scans += not self.scan.running
        refused = self._radio.air.scan_refused
        timer = await self.scan.wait(None if refused else self._radio.delays.scan)
        if timer is not None:
            return timer
        self._scan_over()
        self._found = self._radio.air.visible()
        return -1

    def _next_found(self) -> bytes:
        if not self._found:
            return b""
        router = self._found.pop(0)
        name = b"" if router.hidden else router.name
        head = (router.channel, -router.rssi, router.authmode, router.hidden, len(name))
        return router.mac + bytes(head) + name

    # The access point.

    def _stations(self) -> bytes:
        """MAC and address of each, as text."""
        stations = self._radio.ap_stations.items()
        return " ".join(f"{mac.hex()} {address}" for mac, address in stations).encode()

    def _commit(self, unit: int) -> None:
        """esp_config(): which interface a setting needs is looked at after all are taken."""
        numbers, self._staged = self._staged, {}
        texts, self._staged_text = self._staged_text, {}
        if texts or numbers.keys() - {ops.CONFIG_CHANNEL}:
            self._need(unit, ACCESS_POINT)
        if unit == ACCESS_POINT:
            self._configure_ap(numbers, texts)

    def _configure_ap(self, numbers: dict[int, int], texts: dict[int, bytes]) -> None:
        """wifi_softap_set_config() takes all or nothing, and nothing while the interface is off.

        What is too long has been cut before: the MIN(len, ...) of esp_config().
        """
        now = self._radio.store.now
        ssid = texts.get(ops.CONFIG_SSID, _octets(now.ap_ssid))[:MAX_SSID]
        key = texts.get(ops.CONFIG_KEY, _octets(now.ap_key))[:MAX_KEY]
        authmode = numbers.get(ops.CONFIG_AUTHMODE, now.ap_authmode)
        key_fits = authmode == AUTH_OPEN or len(key) >= MIN_KEY
        if not (self._radio.is_on(ACCESS_POINT) and ssid and key_fits):
            raise os_error("can't set AP config")
        self._radio.store.save(
            ap_ssid=_text(ssid),
            ap_key=_text(key),
            ap_authmode=authmode,
            ap_hidden=numbers.get(ops.CONFIG_HIDDEN, now.ap_hidden),
            ap_channel=numbers.get(ops.CONFIG_CHANNEL, now.ap_channel),
        )
        self._radio.changed()

    # WLAN.config() and addresses.

    def _get_int(self, unit: int, field: int) -> int:
        now = self._radio.store.now
        if field == ops.CONFIG_CHANNEL:
            return self._radio.channel
        if field in self._volatile:
            return self._volatile[field]
        self._need(unit, ACCESS_POINT)
        return now.ap_hidden if field == ops.CONFIG_HIDDEN else now.ap_authmode

    def _get_bytes(self, unit: int, field: int) -> bytes:
        if field == ops.CONFIG_MAC:
            return self._mac[unit]
        return _octets(self._radio.store.now.ap_ssid) if unit else self._station_ssid()

    def _station_ssid(self) -> bytes:
        """mp_obj_new_str_from_cstr(cfg.sta.ssid): up to the first NUL, be it fields away."""
        now = self._radio.store.now
        ssid = _octets(now.station_ssid).ljust(MAX_SSID, b"\0")
        key = _octets(now.station_key).ljust(STATION_KEY, b"\0")
        bssid = bytes.fromhex(now.station_bssid)
        return (ssid + key + bytes((bool(bssid),)) + bssid).partition(b"\0")[0]

    def _set_int(self, _unit: int, field: int, value: int) -> None:
        (self._volatile if field in self._volatile else self._staged)[field] = value

    def _set_bytes(self, unit: int, field: int, _b: int, value: bytes) -> None:
        if field != ops.CONFIG_MAC:
            self._staged_text[field] = value
        elif len(value) != 6:
            raise value_error("invalid buffer length")
        else:
            self._mac[unit] = value

    def _ifconfig(self, unit: int, _a: int, _b: int, fields: bytes) -> bytes:
        """Address, netmask, gateway, name server: 4 bytes each to set, text to read."""
        if fields:
            words = [str(IPv4Address(fields[i : i + 4])) for i in range(0, len(fields), 4)]
            self._static[unit] = " ".join(words)
            self._use_static(unit, words[0])
        return (self._static.get(unit) or self._dynamic(unit)).encode()

    def _use_static(self, unit: int, address: str | None) -> None:
        if unit == STATION:
            self._radio.station.static_address = address
        elif address:
            self._radio.ap_address = address
        self._radio.changed()

    def _dynamic(self, unit: int) -> str:
        station, router = self._radio.station, self._radio.router
        fields = (NO_ADDRESS,) * 4
        if unit == ACCESS_POINT:
            fields = (self._radio.ap_address, NETMASK, self._radio.ap_address, NO_ADDRESS)
        elif router:
            fields = (station.address, NETMASK, router.gateway, router.gateway)
        return " ".join(fields)

    def _dhcp(self, unit: int, start: int) -> bool:
        if start == 1:
            self._static.pop(unit, None)
            self._use_static(unit, None)
        return unit not in self._static

    def _hostname(self, _unit: int, change: int, _b: int, name: bytes) -> bytes:
        if change:
            self.hostname = _text(name)
        return _octets(self.hostname)


def _split(data: bytes, at: int) -> tuple[bytes, bytes]:
    return data[:at], data[at:]


def _text(octets: bytes) -> str:
    """Names on the air are bytes; kept as text that gives the same bytes back."""
    return octets.decode("utf-8", "surrogateescape")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
