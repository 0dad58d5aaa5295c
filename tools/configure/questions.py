"""What `make config` asks, in the words of someone who has a board and a Wi-Fi, not a compiler.

Each question changes one setting of the draft and is asked again while the firmware's own checker
finds a mistake in it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tools.command import ask
from tools.configure import ap_password, source
from tools.configure.settings import Settings

# The text of a config.py to the settings in force with it, and its mistakes.
Checker = Callable[[str], tuple[Settings, list[str]]]

MODES = ("out", "pwm", "in", "analog")


@dataclass
class Draft:
    """The text of config.py as answered so far."""

    text: str
    check: Checker

    def value(self, name: str) -> Any:
        """As it is written; the one in force instead where that has a mistake or is computed."""
        in_force, mistakes = self.check(self.text)
        if not any(is_about(name, mistake) for mistake in mistakes):
            with suppress(KeyError, ValueError):
                return source.value(self.text, name)
        return in_force[name]

    def mistakes(self, name: str) -> list[str]:
        """What is wrong with the setting as it is written."""
        return [mistake for mistake in self.check(self.text)[1] if is_about(name, mistake)]

    def wrong(self, name: str, new: Any) -> list[str]:
        """The mistakes that the value would have, or would bring."""
        known = self.check(self.text)[1]
        found = self.check(source.replaced(self.text, name, new))[1]
        return [each for each in found if is_about(name, each) or each not in known]

    def set(self, name: str, new: Any) -> list[str]:
        """Takes the value unless it has mistakes; answers those.  What stands there may stay."""
        mistakes = self.wrong(name, new)
        if not mistakes and (self.mistakes(name) or self.value(name) != new):
            self.text = source.replaced(self.text, name, new)
        return mistakes


def is_about(name: str, mistake: str) -> bool:
    """`WIFI: must be ...` and `WIFI, entry 1: ...`, as lib/picopin/cold/check.py has them."""
    return mistake.startswith((f"{name}:", f"{name},"))


def ask_all(draft: Draft) -> None:
    ask_networks(draft)
    ask_setting(draft, "HOSTNAME", "The board's name in your network")
    print("The board has a network of its own: on always, as a fallback while it finds none of")
    print("the others, or never.")
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
    complain(draft.mistakes("WIFI"))
    known = [(name, password) for name, password in draft.value("WIFI")]
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
    known: str | None = draft.value("AP_PASSWORD")  # None: it has a mistake
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
    """All of them anew, or none: an entry may hold more than is asked here."""
    wrong = complain(draft.mistakes("PINS"))
    if not wrong:
        print("Pins: " + (", ".join(map(described, draft.value("PINS"))) or "none"))
    if not ask("List them anew?", "yes" if wrong else "no").lower().startswith("y"):
        return
    pins: list[dict[str, Any]] = []
    while pin := ask("Pin, as printed on the board (D1, A0) or its GPIO number (Enter: no more)"):
        entry = {"pin": int(pin) if pin.isdecimal() else pin, "mode": ask_mode(pin)}
        if complain(draft.wrong("PINS", [*pins, entry])):
            continue
        ask_about(entry)
        if not complain(draft.set("PINS", [*pins, entry])):
            pins.append(entry)
    if not pins:
        print("  the pins stay as they were")


def described(pin: dict[str, Any]) -> str:
    name = pin.get("name")
    return f"{pin['pin']} {pin['mode']}" + (f" ({name})" if name else "")


def ask_mode(pin: str) -> str:
    default = "analog" if pin.upper() == "A0" else "out"
    while (mode := ask(f"  mode: {', '.join(MODES)}", default)) not in MODES:
        print(f"  mode: {mode} is none of them")
    return mode


def ask_about(entry: dict[str, Any]) -> None:
    """The rest of an entry of PINS."""
    mode = entry["mode"]
    if name := ask("  your name for it (Enter: none)"):
        entry["name"] = name
    on_at_0 = "  is it on at 0 V (the LED at D4, many relay modules)?"
    if mode != "analog" and ask(on_at_0, "no").lower().startswith("y"):
        entry["active_low"] = True
    if mode == "out" and (seconds := ask("  off by itself after how many seconds (Enter: never)")):
        entry["max_on"] = number(seconds)


def number(text: str) -> Any:
    """A number where it is one; the checker names what is not."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
