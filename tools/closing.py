"""The last lines of flashing and deploying: where the board is, and what to type."""

from __future__ import annotations

import json
import re
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

import serial

from tools import serial_port
from tools.command import Stop, agreed, at_terminal
from tools.configure.settings import Settings

PATIENCE = 40.0  # seconds: boot, then joining a network of which the first tries may fail
_ADDRESS = r"(\d+\.\d+\.\d+\.\d+)"
_ACCESS_POINT = re.compile(rf"access point (.+) at {_ADDRESS}")
_STATION = re.compile(rf"station (.+) at {_ADDRESS}")
_STATION_FAILED = re.compile(r"station (.+: (?:wrong password|not found|no address|failed))")
_SERVING = re.compile(r"serving on port (\d+)")
_ERROR = re.compile(r"^\w*(?:Error|Exception|Interrupt)\b")  # the last line of a traceback
_BANNER = re.compile(r"^MicroPython .* on \d{4}-\d\d-\d\d")  # of the REPL: main.py has ended


@dataclass
class Heard:
    """What the console has told so far."""

    access_point: tuple[str, str] | None = None  # name, address
    station: tuple[str, str] | None = None
    failed: list[str] = field(default_factory=list)  # networks, and why they were not joined
    port: int = 0  # 0: not serving yet
    error: str = ""
    ended: bool = False  # main.py is over

    def take(self, line: str) -> None:
        if match := _ACCESS_POINT.search(line):
            self.access_point = match[1], match[2]
        elif match := _STATION.search(line):
            self.station = match[1], match[2]
        elif match := _STATION_FAILED.search(line):
            self.failed.append(match[1])
        elif match := _SERVING.search(line):
            self.port = int(match[1])
        elif _ERROR.search(line):
            self.error = line
        elif _BANNER.search(line):
            self.ended = True

    def done(self, settings: Settings) -> bool:
        """Whether there is nothing more to wait for."""
        station = self.station or len(self.failed) >= len(settings["WIFI"])
        return self.ended or bool(self.port and station)


def listen(line: serial.Serial, settings: Settings, patience: float) -> Heard:
    """Reads the console until the board serves, for so many seconds at most."""
    heard = Heard()
    for text in serial_port.lines(line, patience):
        heard.take(text)
        if heard.done(settings):
            break
    return heard


def say(line: serial.Serial, settings: Settings, patience: float = PATIENCE) -> None:
    """Waits for the board and prints its addresses, the curl line, and what a phone does."""
    print("waiting for the board")
    heard = listen(line, settings, patience)
    if not heard.port:
        raise Stop(
            f"the board does not serve ({heard.error or 'nothing more came from it'}): "
            "`make monitor` shows why, and `make flash` gives it a fresh start"
        )
    for text in closing_lines(heard, settings):
        print(text)
    offer_smoke_test(heard, settings)


def closing_lines(heard: Heard, settings: Settings) -> Iterator[str]:
    if heard.station:
        name, address = heard.station
        yield f"in the network {name}:"
        yield f"  {url(address, heard.port)}"
        yield f"  {curl(address, heard.port, settings)}"
    elif heard.failed:
        why = ", ".join(heard.failed)
        yield f"it did not join your network ({why}): `make config`, then `make deploy`"
    elif settings["WIFI"]:
        yield "it has not joined a network yet: it goes on trying, and `make monitor` shows how"
    if heard.access_point:
        name, address = heard.access_point
        yield f"on a phone or laptop that has joined {name} ({ap_key(settings)}):"
        yield f"  {url(address, heard.port)}"
        yield f"  {curl(address, heard.port, settings)}"


def url(address: str, port: int) -> str:
    return f"http://{address}/" if port == 80 else f"http://{address}:{port}/"


def curl(address: str, port: int, settings: Settings) -> str:
    """A line to copy: the first output switched on, in a way that config.py allows."""
    command = "curl -u :PASSWORD" if settings["PASSWORD"] else "curl"
    base, pin = url(address, port), first_output(settings)
    if pin is None:
        return f"{command} '{base}pins'"
    if settings["CHANGE_BY_GET"]:
        return f"{command} '{base}?pin={pin}&state=on'"
    return f"{command} -d 'pin={pin}&state=on' '{base}'"


def first_output(settings: Settings) -> int | None:
    numbers = [pin["pin"] for pin in settings["PINS"] if pin["mode"] == "out"]
    return numbers[0] if numbers else None


def ap_key(settings: Settings) -> str:
    return "its password is in config.py" if settings["AP_PASSWORD"] else "open"


def offer_smoke_test(heard: Heard, settings: Settings) -> None:
    """At a terminal, and where the board is in this computer's network: one read of a pin."""
    if not heard.station or not at_terminal():
        return
    if agreed(f"Ask the board at {heard.station[1]} how it is now?"):
        print(smoke_test(url(heard.station[1], heard.port), settings))


def smoke_test(base: str, settings: Settings, patience: float = 10.0) -> str:
    """Reads a pin by HTTP, or the status where there is none; changes nothing."""
    pin = first_output(settings)
    request = urllib.request.Request(f"{base}status" if pin is None else f"{base}?pin={pin}")
    if settings["PASSWORD"]:
        login = b64encode(f":{settings['PASSWORD']}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is next door
    try:
        with directly.open(request, timeout=patience) as answer:
            found = json.dumps(json.load(answer))
    except (OSError, ValueError) as error:
        raise Stop(f"{base} did not answer ({error}): is this computer in its network?") from error
    return f"it answers: {found}"
