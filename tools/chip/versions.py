"""The interpreter of the chip's processor beside the MicroPython that boards get, and what of the
difference touches Picopin.
"""

from __future__ import annotations

from tools.chip.packages import Kit

BOARDS = "1.28.0"  # tools/flash/firmware.py, which has it, needs packages that this must not

DIFFERENCES = (
    "the check of the stack keeps 64 bytes free since 1.27: set here too",
    "Timer(hard=True) came after 1.26.1: not in this core, the virtual board plays it",
    "json of 1.25 takes an object that is not closed: the firmware looks at its end itself",
    "compiled by gcc 12 here, by an older gcc for boards: frames differ by some bytes",
    "bytes are read from flash by one instruction here, by three there (-mforce-l32)",
    "bytecode (.mpy version 6) and REPR_C are the same",
)


def table(kit: Kit) -> str:
    """Lines to print, and to stand in README and docs/hardware.md."""
    core = kit.versions["micropython"]
    package = kit.versions.get("micropython source package", "a source tree at hand")
    rows = [
        f"{'':<24}{'here':<42}on boards",
        f"{'MicroPython':<24}{f'{core} ({package})':<42}{BOARDS}",
        f"{'compiler':<24}{_package(kit, 'gcc-xtensa-lx106'):<42}Espressif's, of their build",
        f"{'processor':<24}{'lx106, QEMU ' + _package(kit, 'qemu-user'):<42}lx106 of the ESP8266",
    ]
    return "\n".join(rows + ["differences that touch us:", *(f"  {each}" for each in DIFFERENCES)])


def _package(kit: Kit, name: str) -> str:
    return kit.versions.get(name, "?")
