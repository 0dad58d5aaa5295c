"""The serial port that the board is at: found, tried, and its errors in plain words."""

from __future__ import annotations

import errno
import math
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import serial
from serial.tools import list_ports

from tools.command import Stop

BAUD = 115200  # of MicroPython's console: ports/esp8266/uart.c, and of the chip's boot loader
QUIET = 0.2  # seconds that a read waits for the line


def find(wanted: str | None) -> str:
    """`wanted`, or the one USB serial port there is; one that can be opened now."""
    port = wanted or the_only_one()
    check(port)
    return port


def the_only_one() -> str:
    found = usb_ports()
    if not found:
        raise Stop(
            "no board found: plug it in with a USB cable that carries data, not only power, "
            "or name its port with PORT=..."
        )
    if len(found) > 1:
        raise Stop(f"several boards found: say which with PORT={' or PORT='.join(found)}")
    return found[0]


def usb_ports() -> list[str]:
    """Serial ports on USB; on macOS each is listed once, by its name for calling out."""
    return sorted(port.device for port in list_ports.comports() if port.vid is not None)


def usb_list() -> str:
    return ", ".join(usb_ports()) or "none"


def check(port: str) -> None:
    """Opens it for a moment, so that what is wrong is said before anything is done."""
    if "://" in port:
        return  # pyserial's other ways (socket://, rfc2217://) have no file to look at
    if not Path(port).exists():
        raise Stop(f"there is no {port}: plug the board in, or name another; found: {usb_list()}")
    try:
        serial.Serial(port, BAUD, exclusive=True, timeout=1).close()
    except (serial.SerialException, OSError) as error:
        raise Stop(explain(error, port)) from error


@contextmanager
def opened(port: str) -> Iterator[serial.Serial]:
    """The console; whatever breaks it, here or in the body, ends as one sentence."""
    try:
        with serial.Serial(port, BAUD, timeout=QUIET, exclusive=True) as line:
            yield line
    except (serial.SerialException, OSError) as error:
        raise Stop(explain(error, port)) from error


def lines(line: serial.Serial, patience: float = math.inf) -> Iterator[str]:
    """What the board prints, a line at a time, for so many seconds."""
    end = time.monotonic() + patience
    rest = b""
    while time.monotonic() < end:
        rest += line.read(line.in_waiting or 1)
        *whole, rest = rest.split(b"\n")
        for text in whole:
            yield text.decode("utf-8", "replace").rstrip("\r")


def explain(error: Exception, port: str) -> str:
    """What an error of the serial line means, in one sentence with the next step."""
    number = error_number(error)
    if number in (errno.EACCES, errno.EPERM):
        return no_permission(port)
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return (
            f"{port} is open in another program: close the serial monitor "
            "(Thonny, screen, picocom, Arduino, `make monitor`), then try again"
        )
    if Path(port).exists() and not Path(port).is_char_device():
        return f"{port} is no serial port: name another with PORT=..., found: {usb_list()}"
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) and not Path(port).exists():
        return f"{port} is gone: plug the board in again, then repeat the command"
    first_line = str(error).partition("\n")[0].rstrip(".")
    return (
        f"the connection to the board at {port} broke ({first_line}): "
        "check cable and plug, then repeat the command, which begins anew"
    )


def error_number(error: BaseException | None) -> int | None:
    """The errno of an error or of what it was made from: pyserial and esptool wrap theirs."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        error = error.__cause__ or error.__context__
    return None


def no_permission(port: str) -> str:
    group = group_of(Path(port)) if sys.platform == "linux" else None
    if group is None:
        return f"no permission for {port}: allow your user to use it, then try again"
    return (
        f"no permission for {port}: run `sudo usermod -aG {group} $USER`, "
        "log out and in again, then try again"
    )


def group_of(port: Path) -> str | None:
    """The name of the group that may use it; None where being in one would not help."""
    import grp  # only where there are groups

    try:
        found = port.stat()
        return grp.getgrgid(found.st_gid).gr_name if found.st_mode & stat.S_IWGRP else None
    except (OSError, KeyError):  # gone meanwhile; a group without a name
        return None
