"""The ROMFS of a board, whose code runs in place from flash: compared, and deployed by mpremote."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from mpremote.transport_serial import SerialTransport

from tools.command import Stop

PATIENCE = 300  # seconds: 320 KiB at 115,200 baud, and as long again
ASIDE = "/boot.py.new"  # ends as what tools.deploy.files clears away


def exists(board: SerialTransport) -> bool:
    """Whether this MicroPython has a ROMFS that can be written (extmod/vfs_rom: rom_ioctl)."""
    board.exec("import vfs")
    return bool(board.eval("hasattr(vfs, 'rom_ioctl') and vfs.rom_ioctl(1) > 0"))


def is_same(board: SerialTransport, image: bytes) -> bool:
    """Whether the flash holds this image, told by a SHA-256 that the board computes."""
    board.exec(f"import vfs, hashlib\nrom = memoryview(vfs.rom_ioctl(2, 0))[:{len(image)}]")
    board.exec("h = hashlib.sha256()\nfor at in range(0, len(rom), 1024):h.update(rom[at:at+1024])")
    return board.eval("h.digest()") == hashlib.sha256(image).digest()


def free(board: SerialTransport) -> None:
    """Starts MicroPython without boot.py: no code may run from the flash that is erased next.

    A board that is cut off now comes up without boot.py, and the next deploy puts it back.
    """
    if board.fs_exists("/boot.py"):
        board.exec(f"import os\nos.rename('/boot.py', {ASIDE!r})")
    board.exit_raw_repl()
    board.enter_raw_repl(soft_reset=True)


def deploy(port: str, image: Path) -> None:
    """mpremote's own command, its progress shown."""
    command = [sys.executable, "-m", "mpremote", "connect", port, "resume", "romfs", "deploy"]
    try:
        subprocess.run([*command, str(image)], check=True, timeout=PATIENCE)
    except subprocess.SubprocessError as error:
        raise Stop(
            f"mpremote did not finish writing the ROMFS ({error}): repeat the command"
        ) from error
