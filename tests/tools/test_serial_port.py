"""Each way in which a serial port can fail, and the sentence that is said of it."""

import errno
import os
from pathlib import Path

import pytest
import serial
from serial.tools.list_ports_common import ListPortInfo

from tests.support.silent_line import SilentLine
from tools import serial_port
from tools.command import Stop


def plugged_in(monkeypatch: pytest.MonkeyPatch, *devices: str) -> None:
    found = [ListPortInfo("/dev/ttyS0")]  # of the computer itself: on no USB
    for device in devices:
        port = ListPortInfo(device)
        port.vid = 0x1A86  # of the CH340 on many of these boards
        found.append(port)
    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: found)


def test_the_only_board_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with SilentLine() as line:
        plugged_in(monkeypatch, line.path)
        assert serial_port.find(None) == line.path


def test_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch)
    with pytest.raises(Stop, match=r"no board found: plug it in .* PORT="):
        serial_port.find(None)


def test_two_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, "/dev/ttyUSB1", "/dev/ttyUSB0")
    with pytest.raises(Stop, match="say which with PORT=/dev/ttyUSB0 or PORT=/dev/ttyUSB1"):
        serial_port.find(None)


def test_a_port_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, "/dev/ttyUSB3")
    with pytest.raises(Stop, match=r"there is no /dev/ttyUSB9: plug .* found: /dev/ttyUSB3"):
        serial_port.find("/dev/ttyUSB9")


def test_what_is_no_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, "/dev/ttyUSB3")
    file = tmp_path / "firmware.bin"
    file.write_bytes(b"")
    for path in (file, tmp_path):
        told = rf"{path} is no serial port: name another with PORT=\.\.\., found: /dev/ttyUSB3"
        with pytest.raises(Stop, match=told):
            serial_port.find(str(path))


def test_no_group_is_named_that_would_not_help() -> None:
    with SilentLine() as line:
        Path(line.path).chmod(0o600)
        said = serial_port.explain(PermissionError(errno.EACCES, "Permission denied"), line.path)
    assert said.endswith(
        f"no permission for {line.path}: allow your user to use it, then try again"
    )


def test_a_port_in_use() -> None:
    with (
        SilentLine() as line,
        serial.Serial(line.path, exclusive=True),
        pytest.raises(Stop, match="is open in another program: close the serial monitor"),
    ):
        serial_port.find(line.path)


def test_a_cable_pulled() -> None:
    told = pytest.raises(Stop, match=r"is gone|broke")
    with SilentLine() as line, told, serial_port.opened(line.path) as opened:
        line.pull()
        list(serial_port.lines(opened, 1))


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EACCES, r"no permission for {}: run `sudo usermod -aG \w+ \$USER`, log out"),
        (errno.EBUSY, "{} is open in another program: close"),
        (errno.EIO, "the connection to the board at {} broke .* check cable .* repeat"),
    ],
)
def test_errors_of_the_system(number: int, sentence: str) -> None:
    with SilentLine() as line:
        Path(line.path).chmod(0o660)  # as udev makes it
        cause = OSError(number, os.strerror(number))
        wrapped = serial.SerialException("could not open port")
        wrapped.__cause__ = cause
        for error in (cause, wrapped):
            with pytest.raises(Stop, match=sentence.format(line.path)):
                raise Stop(serial_port.explain(error, line.path))


def test_a_port_that_went_away() -> None:
    error = OSError(errno.ENOENT, "No such file")
    assert "is gone: plug the board in again" in serial_port.explain(error, "/dev/ttyUSB9")


def test_lines_come_whole() -> None:
    with SilentLine() as line, serial_port.opened(line.path) as opened:
        line.say("one\ntw")
        lines = serial_port.lines(opened, 5)
        assert next(lines) == "one"
        line.say("o \N{BULLET}\n")
        assert next(lines) == "two \N{BULLET}"
