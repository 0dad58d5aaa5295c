"""`python -m tools.configure`: asks for networks, names, passwords and pins; writes config.py."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tools.command import Stop, at_terminal, run
from tools.configure import settings
from tools.configure.questions import Draft, ask_all
from tools.device_packages import ROOT


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tools.configure", description=__doc__)
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", default=ROOT / "config.py")
    add("--check", action="store_true", help="name the mistakes in it, and ask nothing")
    return parser.parse_args(arguments)


def check(path: Path) -> None:
    if wrong := settings.mistakes(path):
        lines = "".join(f"\n  {mistake}" for mistake in wrong)
        raise Stop(f"{path.name} has mistakes: mend them, or run `make config`{lines}")
    print(f"{path.name} is right")


def checked(text: str) -> tuple[settings.Settings, list[str]]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "config.py")
        path.write_text(text, "utf-8")
        return settings.read(path)


def readable(path: Path) -> str:
    """The text of a config.py that can be run; the shipped one's where there is none yet."""
    text = (path if path.is_file() else ROOT / "config.py").read_text("utf-8")
    in_force, mistakes = checked(text)
    if not in_force:
        raise Stop(f"{path.name} cannot be read ({mistakes[0]}): mend that by hand, then again")
    return text


def configure(path: Path) -> None:
    """Nothing is written before the last question is answered."""
    if not at_terminal():
        raise Stop("nobody to ask: run `make config` at a terminal, or edit config.py")
    draft = Draft(readable(path), checked)
    print("Enter takes what stands in [ ].")
    ask_all(draft)
    path.write_text(draft.text, "utf-8")
    print(f"{path.name} is written")
    check(path)
    which = "" if path == ROOT / "config.py" else f" CONFIG={path}"
    print(f"next: `make flash{which}`, or `make deploy{which}` where the board has Picopin already")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("config", lambda: (check if options.check else configure)(options.config))


if __name__ == "__main__":
    sys.exit(main())
