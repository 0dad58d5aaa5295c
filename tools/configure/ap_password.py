"""The access point's password: the placeholder that all the world knows never reaches a board."""

from __future__ import annotations

import secrets
from pathlib import Path

from tools.command import Stop, ask, at_terminal
from tools.configure import source

NAME = "AP_PASSWORD"
PLACEHOLDER = "change-me-please"  # of the config.py in the repository
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look like another
GROUPS, GROUP = 3, 4  # 60 bits


def made_up() -> str:
    """Such as `k7pq-m2xw-9rtz`: typed on a phone in one go."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def is_placeholder(text: str) -> bool:
    try:
        return source.value(text, NAME) == PLACEHOLDER
    except (KeyError, ValueError, SyntaxError):
        return False  # the firmware's own checker names what is wrong with it


def settle(path: Path) -> None:
    """Asks for a password, or makes one up, and writes it to config.py; Stop where nobody can."""
    if not path.is_file() or not is_placeholder(path.read_text("utf-8")):
        return
    if not at_terminal():
        raise refusal(path)
    print("The access point needs a password of its own, 8 to 63 characters.")
    while not fits(answer := ask("Password (Enter makes one up)") or made_up()):
        print("That is no Wi-Fi password: 8 to 63 characters, and not the placeholder.")
    path.write_text(source.replaced(path.read_text("utf-8"), NAME, answer), "utf-8")
    print(f"The access point's password is  {answer}  (written to {path.name})")


def refusal(path: Path) -> Stop:
    return Stop(
        f"{path.name} still has the access point's placeholder password: set AP_PASSWORD in "
        "it, 8 to 63 characters, or run `make config` at a terminal"
    )


def fits(password: str) -> bool:
    """As lib/picopin/check.py has it; that checks the file once more before it is used."""
    return 8 <= len(password.encode()) <= 63 and password != PLACEHOLDER
