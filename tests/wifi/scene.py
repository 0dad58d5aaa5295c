"""A board among routers, with a phone on its access point that never stops asking.

The supervisor counts seconds; here they pass quicker, so that every time in
lib/picopin/cold/station.py is in force as it stands there. The radio's delays are shortened on the
virtual board.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.boards import Board, config_text
from tests.support.firmware import firmware_with
from tests.support.http import BadAnswer

SPEED = 40  # of the supervisor's seconds, where a test does not say
# Of the radio, in real seconds.
DELAYS = {"join": 0.05, "dhcp": 0.05, "sweep": 0.1, "rest": 0.03, "beacon": 0.05, "scan": 0.1}
_HURRY = """
import asyncio

from picopin import net

async def hurry():
    while True:
        await asyncio.sleep_ms(%d)
        net.second(app)

asyncio.create_task(hurry())
"""
_EVERY = 0.1  # seconds between two requests of the phone
HOME = {"ssid": "home", "password": "home password", "channel": 6, "rssi": -60}
SHED = {"ssid": "shed", "password": "shed password", "channel": 11, "rssi": -70}


@dataclass
class Phone:
    """Asks /status by the access point, again and again, from a thread of its own."""

    board: Board
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds
    states: list[str] = field(default_factory=list)  # of the station, as told
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Phone":
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._over.wait(_EVERY):
            begun = time.monotonic()
            try:
                state = self.board.phone.get("/status").json["station"]["state"]
            except (OSError, BadAnswer, KeyError) as error:
                self.failed.append(repr(error))
                continue
            self.answered += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if self.states[-1:] != [state]:
                self.states.append(state)


def hurried(speed: int, **settings: object) -> dict[str, bytes]:
    """The firmware's files with quick seconds, and config.py made of `settings`."""
    return firmware_with(_HURRY % (1000 // speed)) | {"config.py": config_text(**settings).encode()}


def seconds(of_the_supervisor: float) -> float:
    """How long its seconds really last here."""
    return of_the_supervisor / SPEED


class Scene(Board):
    """A Board with quick seconds; its radio begins without any router but `routers`."""

    def __init__(
        self,
        *options: str,
        routers: list[dict[str, Any]],
        speed: int = SPEED,
        **settings: object,
    ) -> None:
        super().__init__(*options, files=hurried(speed, **settings))
        self._routers = routers

    def __enter__(self) -> "Scene":
        # As Board, but the station's way in may never open here.
        super(Board, self).__enter__()
        with self._stopped_by_any_failure():
            self.control(delays=DELAYS, routers=self._routers)
            self.wait_line("INFO:picopin:serving")
        return self

    @property
    def told(self) -> dict[str, Any]:
        """What /status says of the station."""
        return self.phone.get("/status").json["station"]

    def wait_state(self, state: str, ssid: str | None = None) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            told = self.told
            good = told["state"] == state and ssid in (None, told["ssid"])
            return told if good else {}

        return self.wait(look, f"the station to be {state}")

    def flash_saves(self) -> int:
        """How often the chip has saved its Wi-Fi settings."""
        return self.control(flash=None)["flash"]["settings"]

    def station_went_through(self, since: int = 0) -> list[str]:
        """The station's states by the trace, from its entry number `since` on."""
        states: list[str] = []
        for entry in self.entries(event="wifi")[since:]:
            if states[-1:] != [entry["station"]]:
                states.append(entry["station"])
        return states
