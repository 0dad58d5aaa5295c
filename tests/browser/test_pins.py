"""The live page: what a thumb does reaches the pin, what others do reaches the page."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.support.boards import Board


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


def card(page: Page, name: str) -> Locator:
    return page.locator(f"#p-{name}")


def assert_on(page: Page, name: str, on: bool) -> None:
    expect(switch(page, name)).to_have_attribute("aria-checked", str(on).lower())


def wait_levels(board: Board, pin: int, *levels: int) -> None:
    """The last levels that the pin took are these."""
    wanted = list(levels)
    board.wait(lambda: board.levels(pin)[-len(wanted) :] == wanted, f"levels {wanted} of GPIO{pin}")


def test_a_switch_moves_the_pin(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    assert_on(page, "led", False)
    switch(page, "led").click()
    wait_levels(board, 2, 0)
    assert_on(page, "led", True)
    switch(page, "led").click()
    wait_levels(board, 2, 0, 1)
    assert_on(page, "led", False)


def test_a_keyboard_is_enough(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    page.keyboard.press("Tab")
    expect(switch(page, "led")).to_be_focused()
    page.keyboard.press("Space")
    wait_levels(board, 2, 0)
    page.keyboard.press("Enter")
    wait_levels(board, 2, 0, 1)


def test_the_page_follows_others(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    assert board.client.get("/?pin=D0&state=on").status == 200
    assert_on(page, "D0", True)
    assert board.client.get("/?pin=D0&state=off").status == 200
    assert_on(page, "D0", False)


def test_a_refusal_is_said_and_shown(board: Board, open_page: OpenPage) -> None:
    """The switch moves under the thumb, but the board has the last word."""
    board.client.get("/?pin=pump&state=on")
    page = open_page(board.client.url)
    assert_on(page, "pump", True)
    with board.unmoved():
        switch(page, "valve").click()
        expect(page.get_by_role("status")).to_have_text("pump is on: switch it off first")
        assert_on(page, "valve", False)
    switch(page, "pump").click()
    expect(page.get_by_role("status")).to_be_empty()
    switch(page, "valve").click()
    assert_on(page, "valve", True)
    board.client.get("/?pin=valve&state=off")


def test_a_slider_dims(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    slider = page.get_by_role("slider", name="lamp")
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 18, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=20)
    page.mouse.up()
    duty = int(slider.input_value())
    assert 600 < duty < 850
    board.wait(lambda: board.pads()["14"]["duty"] == duty, f"duty {duty}")
    expect(card(page, "lamp").locator("b")).to_have_text(f"{duty * 100 // 1023} %")
    assert_on(page, "lamp", True)
    slider.press("ArrowRight")
    board.wait(lambda: board.pads()["14"]["duty"] == duty + 1, "a step by the keyboard")


def test_a_slider_follows_others(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    board.client.get("/?pin=lamp&duty=256")
    expect(page.get_by_role("slider", name="lamp")).to_have_value("256")
    switch(page, "lamp").click()
    expect(page.get_by_role("slider", name="lamp")).to_have_value("0")
    assert_on(page, "lamp", False)


def test_a_timer_ends_by_itself(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    pump = card(page, "pump")
    pump.get_by_text("Timer").click()
    pump.get_by_label("sec").fill("2.5")
    pump.get_by_role("button", name="On").click()
    expect(pump.locator(".left")).to_have_text(re.compile(r"off in [123] s"))
    assert_on(page, "pump", True)
    wait_levels(board, 5, 1, 0)
    assert_on(page, "pump", False)
    expect(pump.locator(".left")).to_be_empty()


def test_a_timer_of_others_is_shown(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    board.client.get("/?pin=led&state=on&for=60")
    expect(card(page, "led").locator(".left")).to_have_text(re.compile(r"off in \d\d s"))
    board.client.get("/?pin=led&state=off")
    expect(card(page, "led").locator(".left")).to_be_empty()


def test_a_timer_over_its_limit_does_not_start(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    pump = card(page, "pump")
    pump.get_by_text("Timer").click()
    field = pump.get_by_label("sec")
    field.fill("31")
    with board.unmoved():
        pump.get_by_role("button", name="On").click()
        assert field.evaluate("field => field.validity.rangeOverflow")


def test_readings(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    for level, word in ((0, "off"), (1, "on")):
        board.control(set_pin={"pin": 12, "level": level})
        expect(card(page, "door").locator("b")).to_have_text(word)
    expect(card(page, "door").locator(".left")).to_have_text(re.compile(r"changes: \d+"))
    board.control(adc=512)
    expect(card(page, "light").locator("b")).to_have_text("1.65 V")
    expect(card(page, "light").get_by_role("meter")).to_have_attribute("value", re.compile("512"))
    board.control(set_pin={"pin": 12, "level": None})


def test_what_is_read_only_has_no_switch(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    expect(switch(page, "heater")).to_have_count(0)
    expect(card(page, "heater").locator("b")).to_have_text("off")


def test_a_board_that_is_away(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    life = board.life
    board.control(power="off")
    away = page.get_by_text("The board does not answer.")
    expect(away).to_be_visible(timeout=10_000)  # lost packets take page.js PATIENCE to be noticed
    board.control(power="on")
    board.wait_serving(life + 1)
    expect(page.get_by_role("status")).to_be_empty(timeout=10_000)


def can_be_hidden(page: Page) -> None:
    page.add_init_script(
        "window.away = false;Object.defineProperty(document, 'hidden', { get: () => window.away });"
    )
    page.clock.install()


def test_nothing_is_asked_while_nobody_looks(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url, before=can_be_hidden)
    for _ in range(2):  # the second look shows that the page's clock is ours
        with page.expect_response("**/pins") as answer:
            page.clock.run_for(2_000)
        answer.value.finished()
    page.evaluate("window.away = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert asked == []
    with page.expect_response("**/pins"):
        page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
