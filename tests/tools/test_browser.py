"""The order in which a browser is looked for. Nothing is installed here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import browser
from tools.browser import BrowserError, chromium

GOOD = Path(sys.executable)  # answers --version
BAD = Path("/nonexistent/chromium")


def way(path: Path | None, calls: list[str], name: str) -> Callable[[], Path | None]:
    def call() -> Path | None:
        calls.append(name)
        return path

    return call


@pytest.mark.parametrize(
    ("ways", "tried"),
    [
        ({"system": GOOD, "playwright": None}, ["system"]),
        ({"system": None, "playwright": GOOD, "debian": None}, ["system", "playwright"]),
        ({"system": BAD, "debian": GOOD}, ["system", "debian"]),
    ],
)
def test_the_first_that_starts_is_taken(
    ways: dict[str, Path | None], tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(
        browser, "WAYS", tuple(way(path, calls, name) for name, path in ways.items())
    )
    assert chromium() == GOOD
    assert calls == tried


def test_none_at_all_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "WAYS", (way(None, [], "none"),))
    with pytest.raises(BrowserError):
        chromium()
    assert browser.main() == 1
    printed = capsys.readouterr().err
    assert "CHROMIUM=" in printed
    assert printed.count("\n") == 1


def test_one_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", str(GOOD))
    assert browser.find_system() == GOOD


def test_only_root_on_debian_installs_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(browser, "run", lambda *command: commands.append(command))
    monkeypatch.setattr(browser, "find_system", lambda: None)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert browser.install_debian() is None
    assert commands == []
