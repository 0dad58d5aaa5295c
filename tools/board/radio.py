"""The radio as the SDK runs it: two interfaces on one channel, stored settings, and who hears whom.

wlan.py is what the program sees of it, station.py how the station joins a router.
"""

from typing import Protocol

from tools.board.air import Air, Router
from tools.board.settings import AP_MODE, STATION_MODE, SettingsStore
from tools.board.station import STATUS_NAMES, Delays, Station
from tools.board.trace import Trace

STATION, ACCESS_POINT = 0, 1
AP_ADDRESS = "192.168.4.1"  # the SDK's own choice, /24, DHCP for its stations from .100 up
_MODE = {STATION: STATION_MODE, ACCESS_POINT: AP_MODE}


class Wire(Protocol):
    """An interface as its clients see it: the relay's end of the radio."""

    def rise(self, address: str) -> None: ...

    def fall(self) -> None: ...


class Radio:
    """What is on the air; each change is traced and told to the relay."""

    def __init__(self, store: SettingsStore, trace: Trace) -> None:
        self.air = Air()
        self.delays = Delays()
        self.station = Station(self.air, self.delays, self.changed)
        self.store = store
        self.wires: dict[int, Wire] = {}
        self.ap_address = AP_ADDRESS
        self.ap_stations: dict[bytes, str] = {}
        self._trace = trace
        self._heard: dict[int, str] = {}
        self._seen: dict[str, object] = {}

    def power_on(self) -> None:
        """After a reset modes and the station's network come from the stored settings."""
        self.ap_address = AP_ADDRESS
        self.station.static_address = None
        self.station.power(self.is_on(STATION))
        self.reconnect()
        self.changed()

    def power_off(self) -> None:
        self.station.power(False)
        for interface in self.wires:
            self._hear(interface, None)

    def is_on(self, interface: int) -> bool:
        return bool(self.store.now.opmode & _MODE[interface])

    def switch(self, interface: int, on: bool) -> None:
        """wifi_set_opmode(): the mode is stored, and lasts over power-off."""
        if on == self.is_on(interface):
            return
        self.store.save(opmode=self.store.now.opmode ^ _MODE[interface])
        if interface == STATION:
            self.station.power(on)
            self.reconnect()
        self.changed()

    def reconnect(self) -> None:
        """Join the stored network; the SDK does so by itself when the station comes up."""
        now = self.store.now
        if self.is_on(STATION) and now.station_ssid:
            bssid = bytes.fromhex(now.station_bssid)
            self.station.connect(now.station_ssid, now.station_key, bssid)

    @property
    def ap_up(self) -> bool:
        """A station that hunts takes the one radio to other channels."""
        return self.is_on(ACCESS_POINT) and not self.station.sweeping

    @property
    def router(self) -> Router | None:
        return self.station.router

    @property
    def channel(self) -> int:
        """One radio: the access point follows the station's channel."""
        return self.router.channel if self.router else self.store.now.ap_channel

    def changed(self) -> None:
        """Trace what is new, and tell the relay who hears its clients."""
        by_ap = self.ap_address if self.ap_up else None
        by_station = self.station.address if self.station.up else None
        # Without a station there is one way in, so the port for the station's clients takes it.
        self._hear(STATION, by_station if self.is_on(STATION) else by_ap)
        self._hear(ACCESS_POINT, by_ap)
        seen = self.summary()
        if seen != self._seen:
            self._seen = seen
            self._trace.event("wifi", **seen)

    def _hear(self, interface: int, address: str | None) -> None:
        if interface not in self.wires or self._heard.get(interface) == address:
            return
        if address:
            self._heard[interface] = address
            self.wires[interface].rise(address)
        else:
            del self._heard[interface]
            self.wires[interface].fall()

    def summary(self) -> dict[str, object]:
        on_air = self.is_on(ACCESS_POINT)
        return {
            "station": STATUS_NAMES[self.station.status],
            "address": self.station.address,
            "ap": self.store.now.ap_ssid if on_air else None,
        }
