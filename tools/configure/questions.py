"""What `make config` asks, in the words of someone who has a board and a Wi-Fi, not a compiler.

Each question changes one setting of the draft and is asked again while the firmware's own checker
finds a mistake in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.command import ask
from tools.configure import ap_password, source

Checker = Callable[[str], list[str]]  # the text of a config.py to its mistakes

MODES = "out, pwm, in, analog"


@dataclass
class Draft:
    """The text of config.py as answered so far."""

    text: str
    check: Checker

    def value(self, name: str) -> Any:
        try:
            return source.value(self.text, name)
        except (KeyError, ValueError):
            return None

    def set(self, name: str, new: Any) -> list[str]:
        """Takes the value unless it brings mistakes that were not there; answers those."""
        changed = source.replaced(self.text, name, new)
        known = self.check(self.text)
        mistakes = [mistake for mistake in self.check(changed) if mistake not in known]
        if not mistakes:
            self.text = changed
        return mistakes


def ask_all(draft: Draft) -> None:
    ask_networks(draft)
    ask_setting(draft, "HOSTNAME", "The board's name in your network")
    ask_setting(draft, "AP", 'Its own network: "always", "fallback" or "never"')
    ask_ap_name(draft)
    ask_ap_password(draft)
    ask_password(draft)
    ask_pins(draft)


def ask_setting(draft: Draft, name: str, question: str) -> None:
    while complain(draft.set(name, ask(question, str(draft.value(name) or "")).strip('"'))):
        pass


def complain(mistakes: list[str]) -> bool:
    for mistake in mistakes:
        print(f"  {mistake}")
    return bool(mistakes)


def ask_networks(draft: Draft) -> None:
    known = [tuple(network) for network in draft.value("WIFI") or []]
    print("Wi-Fi networks to join, the one that is tried first first.")
    if known and ask(f"Keep {', '.join(name for name, _ in known)}?", "yes").startswith("y"):
        networks = known
    else:
        networks = []
    while name := ask("Network's name (Enter: no more)"):
        new = [*networks, (name, ask(f"Password of {name} (Enter: it has none)"))]
        if not complain(draft.set("WIFI", new)):
            networks = new
    draft.set("WIFI", networks)


def ask_ap_name(draft: Draft) -> None:
    question = "Name of its own network (-: picopin- and the end of its address)"
    while True:
        answer = ask(question, draft.value("AP_SSID") or "-")
        if not complain(draft.set("AP_SSID", None if answer == "-" else answer)):
            return


def ask_ap_password(draft: Draft) -> None:
    known = draft.value("AP_PASSWORD")
    default = known if known and ap_password.fits(known) else ap_password.made_up()
    while True:
        answer = ask("Password of its own network, 8 to 63 characters", default)
        if answer == ap_password.PLACEHOLDER:
            print("  that one is known to everybody who has Picopin")
        elif not complain(draft.set("AP_PASSWORD", answer)):
            return


def ask_password(draft: Draft) -> None:
    question = "Password for its pages and pins (-: none, whoever reaches it may use it)"
    while True:
        answer = ask(question, draft.value("PASSWORD") or "-")
        if not complain(draft.set("PASSWORD", None if answer == "-" else answer)):
            return


def ask_pins(draft: Draft) -> None:
    pins = draft.value("PINS") or []
    print("Pins: " + ", ".join(described(pin) for pin in pins))
    if not ask("Change them?", "no").lower().startswith("y"):
        return
    pins = []
    while pin := ask("Pin, as printed on the board (D1, A0) or its GPIO number (Enter: no more)"):
        new = [*pins, ask_pin(pin)]
        if not complain(draft.set("PINS", new)):
            pins = new
    draft.set("PINS", pins)


def described(pin: dict[str, Any]) -> str:
    name = pin.get("name")
    return f"{pin['pin']} {pin['mode']}" + (f" ({name})" if name else "")


def ask_pin(pin: str) -> dict[str, Any]:
    """An entry of PINS; what does not fit its pin is found by the checker."""
    mode = ask(f"  mode: {MODES}", "analog" if pin.upper() == "A0" else "out")
    entry: dict[str, Any] = {"pin": int(pin) if pin.isdecimal() else pin, "mode": mode}
    if name := ask("  your name for it (Enter: none)"):
        entry["name"] = name
    if mode != "analog" and ask("  is it on at 0 V (many relay boards)?", "no").startswith("y"):
        entry["active_low"] = True
    if mode == "out" and (seconds := ask("  off by itself after how many seconds (Enter: never)")):
        entry["max_on"] = number(seconds)
    return entry


def number(text: str) -> Any:
    """A number where it is one; the checker names what is not."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
