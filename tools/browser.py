"""Finds a Chromium for the browser tests, or gets one. `python -m tools.browser` prints its path.

In this order: one that the system has, one that Playwright has, Playwright's own installer,
Debian's package when we are root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
DEBIAN_PACKAGES = ("chromium", "fonts-dejavu-core")  # without a font a screenshot has no text
INSTALL_SECONDS = 600


class BrowserError(Exception):
    """No browser, said in one sentence."""


def find_system() -> Path | None:
    """A Chromium or Chrome that somebody installed; CHROMIUM=/path/to/it goes before all others."""
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((path for path in MAC_APPLICATIONS if path.is_file()), None)


def find_playwright() -> Path | None:
    """The one that `playwright install chromium` left in its cache, if it did."""
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def run(*command: str) -> bool:
    """Whether it ended well; its output matters only if nothing else works either."""
    try:
        result = subprocess.run(
            command, capture_output=True, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def install_playwright() -> Path | None:
    run(sys.executable, "-m", "playwright", "install", "chromium")
    return find_playwright()


def install_debian() -> Path | None:
    """Debian's chromium; Ubuntu's package of that name wants snap, which a container lacks."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run("apt-get", "update", "--quiet")
        run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *DEBIAN_PACKAGES)
    return find_system()


WAYS: tuple[Callable[[], Path | None], ...] = (
    find_system,
    find_playwright,
    install_playwright,
    install_debian,
)


def chromium() -> Path:
    """The program to start; gets one when there is none."""
    for way in WAYS:
        path = way()
        if path and run(str(path), "--version"):  # Playwright's may lack libraries of the system
            return path
    raise BrowserError(
        "no Chromium, and none could be installed: install chromium or Google Chrome, "
        "or name one: CHROMIUM=/path/to/chrome"
    )


def main() -> int:
    try:
        print(f"browser: {chromium()}")
    except BrowserError as error:
        print(f"browser: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
