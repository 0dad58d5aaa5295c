"""The control socket: whoever tests the board plays the world around it.

A JSON object a line in, a JSON object a line out; each key is a command, README.md lists them.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tools.board.air import Router
from tools.board.board import Board
from tools.board.chip import Reset
from tools.board.flash import PowerCut
from tools.board.interpreter import BoardError
from tools.board.pins import ADC_MAX

RESETS = {
    "software": Reset.SOFTWARE,
    "watchdog": Reset.WATCHDOG,
    "hardware_watchdog": Reset.HARDWARE_WATCHDOG,
    "exception": Reset.EXCEPTION,
    "hard": Reset.BUTTON,
    "soft": Reset.SOFT,
}
Known = TypeVar("Known")

# What happens to every router, those to come included, by the word for it.
AIR = {
    "lost": {"present": False},
    "restored": {
        "present": True,
        "refuses_key": False,
        "accepts": True,
        "dhcp": True,
        "silent": False,
    },
    "password refused": {"refuses_key": True},
    "turned away": {"accepts": False},
    "no address": {"dhcp": False},
    "silent": {"silent": True},
    "scan refused": {},  # Air.scan_refused
}


class Control:
    """Commands by name; each takes the value beside its key and answers something for JSON."""

    def __init__(self, board: Board, path: Path) -> None:
        self._board = board
        self._path = path
        self._server: asyncio.Server | None = None
        self._commands: dict[str, Callable[[Any], object]] = {
            "adc": self._adc,
            "ap_stations": self._ap_stations,
            "delays": self._delays,
            "flash": self._flash,
            "interrupt": lambda _: board.interrupt(),
            "memory": self._memory,
            "net": lambda _: board.net.summary(),
            "pins": lambda _: board.chip.pins.state(),
            "power": self._power,
            "power_cut": self._power_cut,
            "reset": self._reset,
            "router": self._router,
            "routers": self._routers,
            "set_pin": self._set_pin,
            "stall": self._stall,
            "status": self._status,
            "watchdog": self._watchdog,
            "wifi": self._wifi,
        }

    async def start(self) -> None:
        """Listen; what an earlier board left at the path is replaced, no other file is."""
        if self._path.is_socket():
            self._path.unlink()
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path)
        except OSError as error:
            raise BoardError(f"--control {self._path} cannot be had: {error}") from error

    def stop(self) -> None:
        if self._server:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(json.dumps(self.answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    def answer(self, line: bytes) -> dict[str, Any]:
        """What each command of the line answered, or why the line was refused."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError('a line is one JSON object, such as {"status": null}')
            unknown = sorted(set(request) - set(self._commands))
            if unknown:
                known = ", ".join(self._commands)
                raise ValueError(f"unknown command {unknown[0]}; known: {known}")
            return {name: self._commands[name](value) for name, value in request.items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _status(self, _: Any) -> dict[str, object]:
        board = self._board
        return {
            "life": board.trace.life,
            "ms": board.trace.now(),
            "cause": board.chip.cause.value,
            "idle": board.idle,
            "heap": vars(board.heap) if board.heap else None,
            "fakes_hold": board.fakes_hold,
            "watchdog": board.chip.watchdog.running,
            "rtc_memory": board.chip.rtc.memory.hex(),
            "bus_requests": board.bus.requests,
        }

    def _set_pin(self, value: dict[str, Any]) -> None:
        if not isinstance(value, dict) or value.keys() != {"pin", "level"}:
            raise ValueError('set_pin takes {"pin": N, "level": 0, 1 or null}')
        pin, level = value["pin"], value["level"]
        if level not in (0, 1, None):
            raise ValueError("level must be 0, 1 or null")
        if pin not in self._board.chip.pins.pins:
            raise ValueError(f"the chip has no pin {pin}")
        self._board.chip.pins.set_outside(pin, level)

    def _adc(self, value: int) -> None:
        if type(value) is not int or not 0 <= value <= ADC_MAX:
            raise ValueError(f"adc must be 0 to {ADC_MAX}")
        self._board.chip.pins.adc = value

    def _memory(self, value: dict[str, bool] | None) -> None:
        flags = value or {}
        if not flags.keys() <= {"collect", "forget"}:
            raise ValueError('memory takes {"collect": true, "forget": true}, either, or null')
        self._board.ask_memory(**flags)

    def _flash(self, _: Any) -> dict[str, int]:
        return {**self._board.chip.flash.counts(), "settings": self._board.chip.radio.store.writes}

    def _power_cut(self, value: dict[str, Any] | None) -> None:
        cut = PowerCut(**value) if value else None
        if cut and not (type(cut.at) is int and cut.at > 0):
            raise ValueError("at must be the number of a write or erase, from 1 on")
        self._board.chip.flash.cut = cut

    def _power(self, value: str) -> None:
        board = self._board
        _one_of({"off": board.power_off, "on": board.power_on, "cycle": board.power_cycle}, value)()

    def _reset(self, value: str) -> None:
        self._board.end_life(_one_of(RESETS, value))

    def _watchdog(self, seconds: float) -> None:
        if not isinstance(seconds, (int, float)) or seconds <= 0:
            raise ValueError("watchdog takes seconds, more than 0")
        self._board.chip.watchdog.timeout = float(seconds)

    def _stall(self, value: dict[str, Any]) -> None:
        writes, seconds = value["writes"], value["seconds"]
        if type(writes) is not int or writes < 0:
            raise ValueError("writes must be how many, 0 or more")
        if not isinstance(seconds, (int, float)) or seconds < 0:
            raise ValueError("stall takes seconds, 0 or more")
        self._board.net.stall(writes, seconds)

    def _wifi(self, value: str | None) -> dict[str, object]:
        radio = self._board.chip.radio
        if value is not None:
            radio.air.change_all(_one_of(AIR, value))
            if value in ("scan refused", "restored"):
                radio.air.scan_refused = value == "scan refused"
            radio.station.air_changed()
        settings = {key: each for key, each in vars(radio.store.now).items() if "key" not in key}
        return {
            **radio.summary(),
            "status": radio.station.status,
            "hostname": self._board.chip.wlan.hostname,
            "scans": self._board.chip.wlan.scans,
            "hunting": radio.station.sweeping,
            "ap_up": radio.ap_up,
            "settings": settings,
        }

    def _routers(self, value: list[dict[str, Any]]) -> None:
        self._board.chip.radio.air.set_routers([Router(**each) for each in value])
        self._board.chip.radio.station.air_changed()

    def _router(self, value: dict[str, Any]) -> None:
        changes = dict(value)
        self._board.chip.radio.air.change(changes.pop("ssid"), changes)
        self._board.chip.radio.station.air_changed()

    def _delays(self, value: dict[str, float]) -> None:
        delays = self._board.chip.radio.delays
        for name, seconds in value.items():
            if name not in vars(delays):
                raise ValueError(f"delays are {', '.join(vars(delays))}")
            if not isinstance(seconds, (int, float)) or seconds < 0:
                raise ValueError(f"{name} takes seconds, 0 or more")
        vars(delays).update(value)

    def _ap_stations(self, value: list[list[str]]) -> None:
        stations = {bytes.fromhex(mac.replace(":", "")): address for mac, address in value}
        self._board.chip.radio.ap_stations = stations


def _one_of(known: dict[str, Known], word: object) -> Known:
    if not isinstance(word, str) or word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return known[word]
