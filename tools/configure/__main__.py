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


def mistakes_in(text: str) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "config.py")
        path.write_text(text, "utf-8")
        return settings.mistakes(path)


def configure(path: Path) -> None:
    """Nothing is written before the last question is answered."""
    if not at_terminal():
        raise Stop("nobody to ask: run `make config` at a terminal, or edit config.py")
    draft = Draft((path if path.is_file() else ROOT / "config.py").read_text("utf-8"), mistakes_in)
    print("Enter takes what stands in [ ].")
    ask_all(draft)
    path.write_text(draft.text, "utf-8")
    print(f"{path.name} is written; `make flash` or `make deploy` brings it to the board")
    check(path)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    return run("config", lambda: (check if options.check else configure)(options.config))


if __name__ == "__main__":
    sys.exit(main())
