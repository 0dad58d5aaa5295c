"""Chromium, and pages of a board in it that never ask anything of anybody else."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.boards import board_with
from tools.browser import chromium

PINS = [
    {"pin": 2, "mode": "out", "name": "led", "active_low": True},
    {"pin": 5, "mode": "out", "name": "pump", "max_on": 30, "group": "water"},
    {"pin": 4, "mode": "out", "name": "valve", "group": "water"},
    {"pin": 14, "mode": "pwm", "name": "lamp"},
    {"pin": 12, "mode": "in", "name": "door", "pull": "up"},
    {"pin": 13, "mode": "out", "name": "heater", "read_only": True},
    {"pin": 16, "mode": "out"},
    {"pin": "A0", "mode": "analog", "name": "light"},
]
PHONE = {"width": 390, "height": 844}

OpenPage = Callable[..., Page]

board = board_with(PINS=PINS)


def launch(playwright: Playwright) -> Browser:
    # Chromium refuses to run as root, which containers do, unless its sandbox is off.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=chromium(), args=arguments)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


class Watched:
    """A browser's context in which nothing may be asked of another host, and no script may fail."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        options = {"viewport": PHONE, **options}
        self.context: BrowserContext = browser.new_context(**options)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", lambda message: self._console(message.text))

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)

    def close(self, home: str) -> None:
        self.context.close()
        strangers = [url for url in self.asked if not url.startswith(home)]
        assert not strangers, f"asked elsewhere: {strangers}"
        assert not self.complaints


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A page in a context of its own: open_page(url, before=..., **options of the context).

    before: called with the page before it goes to the URL.
    """
    with ExitStack() as closing:

        def open_(url: str, before: Callable[[Page], None] | None = None, **options: Any) -> Page:
            watched = Watched(browser, **options)
            home = "/".join(url.split("/", 3)[:3]) + "/"
            closing.callback(watched.close, home)
            page = watched.context.new_page()
            if before:
                before(page)
            page.goto(url)
            return page

        yield open_
