"""Takes the page's pictures for the README: python -m tests.browser.screenshots."""

from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.conftest import PINS, launch
from tests.support.boards import Board, build
from tools.board.process import ROOT

FOLDER = ROOT / "docs" / "img"
WIDTHS = (320, 1280)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def set_scene(board: Board) -> None:
    """Something on, something timed, something dimmed, something measured."""
    board.wait_entry(event="wifi", station="joined")
    for query in ("pin=led&state=on", "pin=pump&state=on&for=30", "pin=lamp&duty=640"):
        assert board.client.get(f"/?{query}").status == 200
    board.control(set_pin={"pin": 12, "level": 0})
    board.control(adc=417)


def take(browser: Browser, url: str, width: int, scheme: Scheme, name: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640}, color_scheme=scheme)
    page.goto(url)
    expect(page.locator("#p-pump .left")).not_to_be_empty()
    expect(page.locator("#station")).to_contain_text("192.168.1.50", timeout=20_000)
    page.screenshot(path=FOLDER / name, full_page=True)
    page.close()


def main() -> None:
    build()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Board(PINS=PINS, WIFI=[("home", "for-the-picture")]) as board, sync_playwright() as play:
        browser = launch(play)
        for width in WIDTHS:
            for scheme in SCHEMES:
                set_scene(board)
                take(browser, board.client.url, width, scheme, f"page-{width}-{scheme}.png")
        browser.close()
    for path in sorted(FOLDER.glob("page-*.png")):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
