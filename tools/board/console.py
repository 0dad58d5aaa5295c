"""What `make run` shows: pins, requests and the radio as they change, among the firmware's lines.

      1.204  pin    D4 GPIO2   low    on-board LED lit
      1.206  http   200  GET /?pin=2&state=on  192.168.1.100  3 ms

The firmware's own lines stay as it prints them. Colours only where the output is a terminal.
"""

from collections.abc import Callable
from typing import Any

from tools.board.tcp import END_CLOSED

# What NodeMCU and D1 mini print beside the pins.
LABELS = {16: "D0", 5: "D1", 4: "D2", 0: "D3", 2: "D4", 14: "D5", 12: "D6", 13: "D7", 15: "D8"}
LABELS |= {3: "RX", 1: "TX", 9: "SD2", 10: "SD3"}
BOARD_LED = 2  # lit when low
PWM_FULL = 1023

_CYAN, _GREEN, _YELLOW, _RED, _DIM = "36", "32", "33", "31", "2"


class Console:
    """Turns entries of the trace into lines for `say`."""

    def __init__(self, say: Callable[[str], None], colours: bool) -> None:
        self._say = say
        self._colours = colours
        self._off = True  # between two lives the pins only fall back
        self._shown: dict[str, Callable[[dict[str, Any]], None]] = {
            "pin": self._show_pin,
            "pwm": self._show_pwm,
            "boot": self._show_boot,
            "reset": self._show_reset,
            "power cut": self._show_power_cut,
            "exception": self._show_exception,
            "wifi": self._show_wifi,
            "idle": self._show_idle,
            "connection": self._show_connection,
            "memory": self._show_memory,
        }

    def entry(self, entry: dict[str, Any]) -> None:
        """An entry of the trace."""
        show = self._shown.get("pin" if "pin" in entry else entry["event"])
        if show:
            show(entry)

    def _show_pin(self, entry: dict[str, Any]) -> None:
        if self._off:
            return
        number = entry["pin"]
        name = f"{LABELS.get(number, ''):<3} GPIO{number:<3}"
        self._line(entry["ms"], "pin", f"{name} {self._state(entry)}", _CYAN)

    def _state(self, entry: dict[str, Any]) -> str:
        if entry["duty"] is not None:
            return f"duty {entry['duty']} of {PWM_FULL}"
        level = {0: "low", 1: "high"}.get(entry["level"], "open")
        if entry["mode"] == "in":
            return f"{level:<5} input"
        if "driven" in entry:
            return f"{level:<5} held so, driven {'high' if entry['driven'] else 'low'}"
        if entry["pin"] == BOARD_LED:
            return f"{level:<5} on-board LED {'dark' if entry['level'] else 'lit'}"
        return level

    def _show_pwm(self, entry: dict[str, Any]) -> None:
        self._line(entry["ms"], "pwm", f"{entry['freq']} Hz on every channel", _CYAN)

    def _show_boot(self, entry: dict[str, Any]) -> None:
        self._off = False
        self._line(entry["ms"], "boot", f"cause {entry['code']}, {entry['cause']}", _DIM)

    def _show_reset(self, _entry: dict[str, Any]) -> None:
        self._off = True

    def _show_power_cut(self, entry: dict[str, Any]) -> None:
        self._line(entry["ms"], "power", "cut, as --power-cut or the control socket asked", _RED)

    def _show_exception(self, entry: dict[str, Any]) -> None:
        self._line(entry["ms"], "fatal", entry["why"], _RED)

    def _show_wifi(self, entry: dict[str, Any]) -> None:
        station = f"station {entry['station']}"
        if entry["address"] != "0.0.0.0":
            station += f" {entry['address']}"
        access_point = f"access point {entry['ap']}" if entry["ap"] else "access point off"
        self._line(entry["ms"], "wifi", f"{station}, {access_point}", _DIM)

    def _show_idle(self, entry: dict[str, Any]) -> None:
        self._line(entry["ms"], "end", "boot.py and main.py are over", _YELLOW)

    def _show_connection(self, entry: dict[str, Any]) -> None:
        """A connection that is over: the fields of tcp.Record."""
        status = entry["status"] or "---"
        request = entry["request"].partition(" HTTP/")[0] or "no request"
        client = entry["client"].partition(":")[0]
        how = "" if entry["how"] == END_CLOSED else f"  {entry['how']}"
        text = f"{status}  {request}  {client}  {entry['milliseconds']} ms{how}"
        self._line(entry["ms"], "http", text, _status_colour(entry))

    def _show_memory(self, entry: dict[str, Any]) -> None:
        if entry["of"] != "now":
            return
        functions = [call[3:] for call in entry["calls"] if call.startswith("py:")]
        deepest = f", deepest in {functions[0]}()" if functions else ""
        text = (
            f"stack at most {entry['stack']:,} of 8,192 bytes{deepest}; "
            f"heap {entry['free']:,} free, largest piece {entry['largest']:,}"
        )
        self._line(entry["ms"], "memory", text, _DIM)

    def _line(self, milliseconds: int, kind: str, text: str, colour: str) -> None:
        line = f"{milliseconds / 1000:9.3f}  {kind:<5}  {text}"
        self._say(f"\x1b[{colour}m{line}\x1b[0m" if self._colours else line)


def _status_colour(entry: dict[str, Any]) -> str:
    status = entry["status"]
    if status is None or entry["how"] != END_CLOSED or status >= 500:
        return _RED
    return _GREEN if status < 400 else _YELLOW
