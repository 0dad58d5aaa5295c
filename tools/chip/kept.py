"""Folders that are made once and kept: a stamp in each says what was asked for.

Each is made beside its place and renamed last, so that an interrupted run leaves nothing that a
later one trusts.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STAMP = "stamp.json"

Stamp = dict[str, Any]
"""What was asked for, the versions that were had, and what else was found while making."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the others wait, and then find everything done."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(folder: Path, asked: Stamp, make: Callable[[Path], Stamp]) -> Stamp:
    """The stamp of `folder`, which `make` filled, now or earlier, with what was asked for."""
    stamp = read_stamp(folder)
    if stamp and stamp["asked"] == asked:
        return stamp
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir()
    try:
        stamp = {"asked": asked, **make(new)}
        (new / STAMP).write_text(json.dumps(stamp, indent=1))
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return stamp


def read_stamp(folder: Path) -> Stamp | None:
    """None: nothing has been made there, or the machine's compiler that it counts on has gone."""
    try:
        stamp: Stamp = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return None
    return stamp if (folder / stamp.get("host_compiler", "")).exists() else None


def say(text: str) -> None:
    print(f"chip: {text}", file=sys.stderr)
