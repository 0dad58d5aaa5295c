"""The air around the board: routers near by, and how they behave today."""

from dataclasses import dataclass, fields, replace
from ipaddress import IPv4Address
from typing import Any

AUTH_OPEN, AUTH_WEP, AUTH_WPA, AUTH_WPA2, AUTH_WPA_WPA2 = range(5)


@dataclass
class Router:
    """A wireless network that the station may see and join."""

    ssid: str
    password: str = ""
    rssi: int = -60  # dBm
    channel: int = 6
    present: bool = True
    dhcp: bool = True  # False: it lets stations in and gives them no address
    accepts: bool = True  # False: it turns every station away (status 4)
    refuses_key: bool = False  # it takes no password, not the right one either
    silent: bool = False  # joined, but no packet comes through
    hidden: bool = False
    network: str = "192.168.1"
    bssid: str = ""  # twelve hex digits

    def check(self) -> "Router":
        """Itself; ValueError where it cannot be."""
        for field in fields(self):
            kind = type(field.default) if field.name != "ssid" else str
            if type(getattr(self, field.name)) is not kind:
                raise ValueError(f"{field.name} of a router must be a {kind.__name__}")
        if not (1 <= self.channel <= 14 and -127 <= self.rssi <= 0):
            raise ValueError("channel must be 1 to 14, rssi -127 to 0")
        if len(self.name) > 32:
            raise ValueError("ssid must have 32 bytes at most")
        if len(self.mac) != 6:
            raise ValueError("bssid must be twelve hex digits")
        IPv4Address(self.lease)
        return self

    @property
    def name(self) -> bytes:
        """The ssid as it goes through the air; in settings.py's text any bytes can stand."""
        return self.ssid.encode("utf-8", "surrogateescape")

    @property
    def mac(self) -> bytes:
        """The bssid as bytes, made of name and channel where none was given."""
        tail = sum(self.name) & 0xFFFF
        made = bytes((0x02, 0x00, 0x5E, self.channel, tail >> 8, tail & 0xFF))
        return bytes.fromhex(self.bssid) or made

    @property
    def authmode(self) -> int:
        return AUTH_WPA2 if self.password else AUTH_OPEN

    def takes(self, key: str) -> bool:
        return not self.refuses_key and (not self.password or key == self.password)

    @property
    def gateway(self) -> str:
        return f"{self.network}.1"

    @property
    def lease(self) -> str:
        """The address that its DHCP server gives the board."""
        return f"{self.network}.50"


class Air:
    """Every router in reach.

    Until a test or a user lists routers, the air is obliging: whatever network the program
    asks for is there and takes the password it came with, so that any config.py works.
    """

    def __init__(self) -> None:
        self.routers: list[Router] = [
            Router("Next door", "not for you", rssi=-82, channel=11),
            Router("Cafe", "", rssi=-74, channel=1),
        ]
        self.obliging = True
        self.scan_refused = False  # the SDK takes none, as while it is busy with itself
        self._changes: dict[str, Any] = {}

    def set_routers(self, routers: list[Router]) -> None:
        self.routers = [router.check() for router in routers]
        self.obliging = False

    def change_all(self, changes: dict[str, Any]) -> None:
        """Change every router, and those that an obliging air still makes up."""
        self._changes |= changes
        for router in self.routers:
            _change(router, changes)

    def change(self, ssid: str, changes: dict[str, Any]) -> None:
        named = [router for router in self.routers if router.ssid == ssid]
        if not named:
            raise KeyError(f"no router {ssid!r}")
        for router in named:
            _change(router, changes)

    def visible(self) -> list[Router]:
        return sorted((r for r in self.routers if r.present), key=lambda router: router.channel)

    def find(self, ssid: str, key: str, bssid: bytes = b"") -> Router | None:
        """The strongest router of that name, made up where the air is obliging."""
        known = [r for r in self.routers if r.ssid == ssid]
        if not known and self.obliging and ssid:
            self.routers.append(Router(ssid, key, rssi=-52, **self._changes))
            known = self.routers[-1:]
        able = [r for r in known if r.present and bssid in (b"", r.mac)]
        return max(able, key=lambda router: router.rssi, default=None)


def _change(router: Router, changes: dict[str, Any]) -> None:
    for name in changes:
        if name not in vars(router):
            raise ValueError(f"a router has {', '.join(vars(router))}")
    replace(router, **changes).check()
    for name, value in changes.items():
        setattr(router, name, value)
