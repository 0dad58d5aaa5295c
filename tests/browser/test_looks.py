"""Readable and usable for all: widths, schemes, axe-core, thumbs."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.boards import Board

SIZES = [{"width": 320, "height": 640}, {"width": 1280, "height": 800}]
THUMB = 44  # CSS pixels: WCAG 2.2, 2.5.5
WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => list.getEntries().forEach(one => window.shifts.push(one.value)))
        .observe({ type: 'layout-shift', buffered: true });
"""


def assert_accessible(page: Page) -> None:
    """axe-core finds nothing serious."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not grave, [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave]


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    expect(page.get_by_role("button", name="Look for networks")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_axe(board: Board, open_page: OpenPage, size: dict[str, int], scheme: str) -> None:
    board.client.get("/?pin=led&state=on")
    page = open_page(board.client.url, viewport=size, color_scheme=scheme)
    assert_accessible(page)
    open_all(page)
    page.get_by_role("switch", name="pump").click()
    page.get_by_role("switch", name="valve").click()
    expect(page.get_by_role("status")).not_to_be_empty()
    assert_accessible(page)
    board.client.get("/?pin=pump&state=off")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_on_a_refusal(board: Board, open_page: OpenPage, scheme: str) -> None:
    page = open_page(board.client.url, color_scheme=scheme)
    # submit() asks no listener: the browser sends the form as it does without JavaScript.
    page.evaluate(
        "const { form } = document.querySelector('[name=pin]'); form.pin.value = 6; form.submit()"
    )
    expect(page.get_by_role("heading")).to_have_text("Not done")
    assert_accessible(page)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_everything_is_in_sight(board: Board, open_page: OpenPage, size: dict[str, int]) -> None:
    page = open_page(board.client.url, viewport=size)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_nothing_jumps(board: Board, open_page: OpenPage) -> None:
    page = open_page(
        board.client.url, before=lambda page: page.add_init_script(WATCH_SHIFTS), viewport=SIZES[0]
    )
    for state in ("on", "off"):
        board.client.get(f"/?pin=led&state={state}&for=60")
        expect(page.locator("#p-led .left")).not_to_be_empty()
        with page.expect_response("**/pins"):
            pass
    board.client.get("/?pin=led&state=off")
    assert page.evaluate("window.shifts") == []


def test_room_for_a_thumb(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url, viewport=SIZES[0])
    open_all(page)
    for target in page.locator("button, input:not([type=hidden]), summary, footer a").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= THUMB, target.evaluate("one => one.outerHTML")
