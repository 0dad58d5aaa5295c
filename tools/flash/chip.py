"""The chip in its boot loader, through esptool: what it is, and its flash written and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import serial
from esptool import cmds
from esptool.loader import ESPLoader
from esptool.util import FatalError, flash_size_bytes

from tools import serial_port
from tools.command import Stop
from tools.flash.layout import FLASH_MODE, MIB, Part

CHIP = "ESP8266"
BAUD = 460800  # what USB bridges of these boards take; --baud for a poor cable
HOW_TO_ENTER = "hold the board's FLASH button (GPIO0 to GND), press RST, let go, then try again"


@dataclass
class Chip:
    """A connection to the boot loader."""

    esp: ESPLoader
    port: str

    def flash_bytes(self) -> int | None:
        """How much flash there is, as the flash chip itself says; None where it does not."""
        return flash_size_bytes(cmds.detect_flash_size(self.esp))

    def write(self, parts: Sequence[Part], flash_size: str) -> None:
        """Writes and verifies each part; esptool shows the progress."""
        cmds.write_flash(
            self.esp,
            [(part.offset, part.data) for part in parts],
            flash_mode=FLASH_MODE,
            flash_size=flash_size,
        )

    def write_image(self, image: bytes) -> None:
        """Writes a whole flash, its header as it is."""
        cmds.write_flash(self.esp, [(0, image)])

    def read(self, size: int) -> bytes:
        """The first `size` bytes of the flash."""
        data = cmds.read_flash(self.esp, 0, size)
        assert data is not None  # only with output= it answers nothing
        return data

    def erase(self) -> None:
        cmds.erase_flash(self.esp)

    def restart(self) -> serial.Serial:
        """Out of the boot loader, into what the flash holds; answers its console.

        The port stays open: opening it anew would restart some boards, and lose their first lines.
        """
        console = self.esp._port
        cmds.reset_chip(self.esp, "hard-reset")
        console.baudrate = serial_port.BAUD
        console.timeout = serial_port.QUIET
        return console


@contextmanager
def opened(port: str, baud: int = BAUD) -> Iterator[Chip]:
    """The chip at `port`, ready for its flash to be read and written.

    Whatever breaks the connection, here or in the body, ends as one sentence.
    """
    try:
        with connect(port) as rom:
            refuse_other(rom.CHIP_NAME)
            stub = cmds.run_stub(rom)
            if baud != serial_port.BAUD:
                stub.change_baud(baud)
            cmds.attach_flash(stub)
            yield Chip(stub, port)
    except (FatalError, serial.SerialException, OSError) as error:
        raise Stop(serial_port.explain(error, port)) from error


def connect(port: str) -> ESPLoader:
    try:
        return cmds.detect_chip(port)
    except FatalError as error:
        if serial_port.error_number(error) is not None:
            raise
        raise Stop(f"the board at {port} does not enter its boot loader: {HOW_TO_ENTER}") from error


def refuse_other(name: str) -> None:
    if name != CHIP:
        raise Stop(
            f"this board has an {name} and Picopin is for the {CHIP}: nothing was changed on it; "
            "plug in a NodeMCU or D1 mini"
        )


def describe(size: int | None) -> str:
    return f"{CHIP} with {f'{size / MIB:g} MiB' if size else 'an unknown size'} of flash"
