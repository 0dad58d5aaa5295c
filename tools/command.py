"""What the commands for a real board have in common: how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


class Stop(Exception):
    """What keeps a command from going on: one clear sentence, and the next step."""


def run(name: str, command: Callable[[], None]) -> int:
    """Runs `command`; answers the exit code, and what stopped it as one line on stderr."""
    try:
        command()
    except Stop as stop:
        print(f"{name}: {stop}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print(f"\n{name}: stopped; the same command again begins anew.", file=sys.stderr)
        return INTERRUPTED
    return 0


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str, default: str = "") -> str:
    """The answer, without blanks around it; `default` where only Enter was pressed."""
    shown = f" [{default}]" if default else ""
    return input(f"{question}{shown}: ").strip() or default


def agreed(question: str, *, default: bool = True) -> bool:
    """Whether the answer is anything but no; with another `default` only a yes is one."""
    answer = input(f"{question} {'[Y/n]' if default else '[y/N]'} ").strip().lower()
    return not answer.startswith("n") if default else answer.startswith("y")
