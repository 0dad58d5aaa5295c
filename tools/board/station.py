"""The station: how the SDK joins a router, hunts for it and loses it.

Status codes are those of the SDK's wifi_station_get_connect_status(). The SDK keeps trying by
itself after every failure until it is told to disconnect: that hunt is what makes the access
point, on the same radio, nearly unusable.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tools.board.air import Air, Router

IDLE, CONNECTING, WRONG_PASSWORD, NO_AP_FOUND, CONNECT_FAIL, GOT_IP = range(6)
OFF = 255  # what the SDK answers while the station mode is off
NO_ADDRESS = "0.0.0.0"
STATUS_NAMES = {
    IDLE: "idle",
    CONNECTING: "connecting",
    WRONG_PASSWORD: "wrong password",
    NO_AP_FOUND: "not found",
    CONNECT_FAIL: "failed",
    GOT_IP: "joined",
    OFF: "off",
}


@dataclass
class Delays:
    """Seconds that things take; a test shortens or lengthens them by the control socket."""

    join: float = 0.5  # to associate and be let in
    dhcp: float = 0.3  # from there to the address
    sweep: float = 1.5  # one hunt over all channels, deaf to the access point's stations
    rest: float = 0.5  # between two hunts
    beacon: float = 6.0  # from a router's silence to the SDK's noticing
    scan: float = 2.0  # WLAN.scan()


class Station:
    """The link to a router. `changed` is called after each change of status or address."""

    def __init__(self, air: Air, delays: Delays, changed: Callable[[], None]) -> None:
        self.status = OFF
        self.address = NO_ADDRESS
        self.router: Router | None = None
        self.sweeping = False
        self.static_address: str | None = None
        self._air = air
        self._delays = delays
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()

    @property
    def up(self) -> bool:
        """True when packets come through, whatever the SDK believes."""
        router = self.router
        return self.status == GOT_IP and bool(router and router.present and not router.silent)

    def power(self, on: bool) -> None:
        self.disconnect()
        self._be(IDLE if on else OFF)

    def connect(self, ssid: str, key: str, bssid: bytes) -> None:
        """Start to join; answers at once, as wifi_station_connect() does."""
        self.disconnect()
        self._be(CONNECTING)
        self._task = asyncio.create_task(self._keep_joined(ssid, key, bssid))

    def disconnect(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None
        self.sweeping = False
        self._leave()
        self._be(OFF if self.status == OFF else IDLE)

    def air_changed(self) -> None:
        """Routers came, went or changed their mind."""
        self._stirred.set()
        self._changed()

    def _be(self, status: int) -> None:
        if status != self.status:
            self.status = status
            self._changed()

    def _leave(self) -> None:
        self.router = None
        self.address = NO_ADDRESS

    async def _keep_joined(self, ssid: str, key: str, bssid: bytes) -> None:
        while True:
            status = await self._join(ssid, key, bssid)
            if status == GOT_IP:
                await self._until_lost()
                self._leave()
                self._be(CONNECTING)
            else:
                self._be(status)
                await self._rest()

    async def _join(self, ssid: str, key: str, bssid: bytes) -> int:
        """One try; answers the status that it ends with."""
        router = self._air.find(ssid, key, bssid)
        if router is None:
            await self._sweep()
            return NO_AP_FOUND
        await asyncio.sleep(self._delays.join)
        if not router.accepts:
            return CONNECT_FAIL
        if not router.takes(key):
            return WRONG_PASSWORD
        return await self._get_address(router)

    async def _get_address(self, router: Router) -> int:
        """Without an answer from DHCP the SDK stays at CONNECTING for as long as the link holds."""
        self._be(CONNECTING)
        await asyncio.sleep(self._delays.dhcp)
        while not (router.dhcp or self.static_address):
            if not router.present:
                return NO_AP_FOUND
            await self._stir()
        self.router = router
        self.address = self.static_address or router.lease
        self._be(GOT_IP)
        return GOT_IP

    async def _until_lost(self) -> None:
        """Wait until the router has been away for as long as the SDK needs to notice."""
        router = self.router
        while router:
            while router.present and router.accepts:
                await self._stir()
            await asyncio.sleep(self._delays.beacon)
            if not (router.present and router.accepts):
                return

    async def _sweep(self) -> None:
        self.sweeping = True
        self._changed()
        try:
            await asyncio.sleep(self._delays.sweep)
        finally:
            self.sweeping = False
            self._changed()

    async def _rest(self) -> None:
        await asyncio.sleep(self._delays.rest)

    async def _stir(self) -> None:
        self._stirred.clear()
        await self._stirred.wait()
