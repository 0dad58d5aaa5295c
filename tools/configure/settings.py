"""What a config.py says, and what is wrong with it, by the checker that runs on the board."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.command import Stop
from tools.configure import ap_password
from tools.device_packages import ROOT

READER = Path(__file__).parent / "vm" / "read_config.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
_LINE = re.compile(r'File ".*", line (\d+)')

Settings = dict[str, Any]  # as lib/picopin/settings.py names them


def read(path: Path) -> tuple[Settings, list[str]]:
    """The settings in force with this config.py, and its mistakes."""
    if not path.is_file():
        raise Stop(f"there is no {path}: `make config` makes one")
    answer = ask_checker(path)
    if "error" in answer:
        return {}, [in_one_line(answer["error"])]
    return answer["settings"], answer["mistakes"]


def ask_checker(path: Path) -> dict[str, Any]:
    command = [MICROPYTHON, READER, ROOT / "lib", path]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if result.returncode:
        raise Stop(f"the checker of config.py failed: {result.stderr or result.stdout}")
    return json.loads(result.stdout)


def in_one_line(traceback: str) -> str:
    """`line 12: SyntaxError: invalid syntax`."""
    *frames, what = traceback.strip().splitlines()
    numbers = [match[1] for frame in frames if (match := _LINE.search(frame))]
    return f"line {numbers[-1]}: {what}" if numbers else what


def mistakes(path: Path) -> list[str]:
    return read(path)[1]


def ready(path: Path) -> Settings:
    """The settings, fit for a board: without a mistake, and with an AP password of its own."""
    ap_password.settle(path)
    found, wrong = read(path)
    if found.get(ap_password.NAME) == ap_password.PLACEHOLDER:
        raise ap_password.refusal(path)  # written in a way that settle() did not recognise
    if wrong:
        lines = "".join(f"\n  {mistake}" for mistake in wrong)
        raise Stop(f"{path.name} has mistakes: mend them, or run `make config`{lines}")
    return found
