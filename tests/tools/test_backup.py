"""Backup, restore and erase: what they refuse, and what they hand to esptool."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.person import Person
from tests.support.silent_line import SilentLine
from tools import backup, erase
from tools.flash import chip
from tools.flash.layout import MIB


class FakeChip:
    """Flash that is kept in memory."""

    def __init__(self) -> None:
        self.flash = bytes(range(256)) * (2 * MIB // 256)
        self.restarts = 0

    def flash_bytes(self) -> int:
        return len(self.flash)

    def read(self, size: int) -> bytes:
        return self.flash[:size]

    def write_image(self, image: bytes) -> None:
        self.flash = image

    def erase(self) -> None:
        self.flash = b"\xff" * len(self.flash)

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeChip:
    made = FakeChip()

    @contextmanager
    def opened(port: str, baud: int = 0) -> Iterator[FakeChip]:
        yield made

    monkeypatch.setattr(chip, "opened", opened)
    monkeypatch.setattr(backup, "BACKUPS", tmp_path / "backups")
    return made


@pytest.fixture
def port() -> Iterator[str]:
    with SilentLine() as line:
        yield line.path


def test_a_backup_brings_the_board_back(fake: FakeChip, port: str, tmp_path: Path) -> None:
    before = fake.flash
    assert backup.main(["--port", port]) == 0
    (saved,) = (tmp_path / "backups").iterdir()
    assert erase.main(["--port", port, "--yes"]) == 0
    assert set(fake.flash) == {0xFF}
    assert backup.main(["--port", port, "--restore", str(saved)]) == 0
    assert fake.flash == before
    assert fake.restarts == 2


def test_a_backup_of_another_flash_is_refused(
    fake: FakeChip, port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fake.flash
    (tmp_path / "other.bin").write_bytes(bytes(MIB))
    assert backup.main(["--port", port, "--restore", str(tmp_path / "other.bin")]) == 1
    said = capsys.readouterr().err
    assert "has 1,048,576 bytes and this board's flash 2,097,152: nothing was written" in said
    assert fake.flash == before


def test_dry_runs_touch_no_board(capsys: pytest.CaptureFixture[str]) -> None:
    for run, text in (
        (lambda: backup.main(["--dry-run"]), "read all of the flash, from 0x000000"),
        (lambda: backup.main(["--dry-run", "--restore", "a.bin"]), "verify a.bin at 0x000000"),
        (lambda: erase.main(["--dry-run"]), "erase its flash, from 0x000000"),
    ):
        assert run() == 0
        assert text in capsys.readouterr().out


def test_a_backup_that_is_not_there(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert backup.main(["--port", port, "--restore", "/none.bin"]) == 1
    assert "there is no /none.bin: `make backup` makes one" in capsys.readouterr().err


def test_nothing_is_erased_unasked(
    fake: FakeChip, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fake.flash
    assert erase.main(["--port", port]) == 1
    assert "nobody to ask whether to erase the board: say YES=1" in capsys.readouterr().err
    assert fake.flash == before


@pytest.mark.parametrize("answer", ["n", "", "what?"])
def test_only_who_says_yes_loses_anything(port: str, answer: str) -> None:
    with Person("tools.erase", "--port", port) as person:
        person.until("can be kept before: `make backup`")
        person.until("Erase everything on the board")
        person.until("[y/N] ")
        person.type(f"{answer}\n")
        person.until("erase: nothing was erased")
        assert person.exit_code() == 1
