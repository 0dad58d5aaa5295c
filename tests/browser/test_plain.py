"""Without JavaScript: the same page, by forms alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_pins import assert_on, card, switch, wait_levels
from tests.support.boards import Board
from tests.support.http import Answer, Client

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def page(board: Board, open_page: OpenPage) -> Page:
    return open_page(board.client.url, java_script_enabled=False)


def submit(client: Client, form: str) -> Answer:
    return client.ask("POST", "/", form.encode(), BROWSER | FORM)


def test_a_switch(board: Board, page: Page) -> None:
    switch(page, "led").click()
    wait_levels(board, 2, 0)
    assert_on(page, "led", True)
    assert page.url == board.client.url + "#p-led"
    switch(page, "led").click()
    wait_levels(board, 2, 0, 1)
    assert_on(page, "led", False)


def test_a_slider(board: Board, page: Page) -> None:
    page.get_by_role("slider", name="lamp").fill("512")
    card(page, "lamp").get_by_role("button", name="Set").click()
    board.wait(lambda: board.pads()["14"]["duty"] == 512, "duty 512")
    expect(card(page, "lamp").locator("b")).to_have_text("50 %")
    board.client.get("/?pin=lamp&state=off")


def test_a_timer(board: Board, page: Page) -> None:
    pump = card(page, "pump")
    pump.get_by_text("Timer").click()
    pump.get_by_label("sec").fill("1.5")
    pump.get_by_role("button", name="On").click()
    expect(pump.locator(".left")).to_have_text("off in 2 s")
    wait_levels(board, 5, 1, 0)


def test_a_refusal_and_the_way_back(board: Board, page: Page) -> None:
    board.client.get("/?pin=pump&state=on")
    with board.unmoved():
        switch(page, "valve").click()
        expect(page.get_by_role("heading")).to_have_text("Not done")
        expect(page.get_by_text("pump is on: switch it off first")).to_be_visible()
    page.get_by_role("link", name="Back to the pins").click()
    assert_on(page, "pump", True)
    board.client.get("/?pin=pump&state=off")


def test_looking_again(board: Board, page: Page) -> None:
    board.client.get("/?pin=D0&state=on")
    page.get_by_role("link", name="Look again").click()
    assert_on(page, "D0", True)
    board.client.get("/?pin=D0&state=off")


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ("pin=6&state=on", 403, "flash"),
        ("pin=nosuch&state=on", 404, "there is no pin nosuch"),
        ("pin=led&state=maybe", 400, "state must be on or off"),
        ("pin=door&state=on", 409, "is an input"),
        ("state=on", 400, "something is missing: pin"),
        ("pin=led&state=on&x=%3Cb%3E", 400, "no parameter is called x"),
        ("pin=%3Cscript%3E&state=on", 400, "pin must be"),
    ],
)
def test_words_of_refusals(board: Board, form: str, status: int, words: str) -> None:
    with board.unmoved():
        answer = submit(board.client, form)
    assert answer.status == status
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert words in answer.body.decode()
    assert b"<script>" not in answer.body


def test_a_foreign_form_is_refused(board: Board) -> None:
    with board.unmoved():
        answer = submit(board.client.asking(origin="http://elsewhere.example"), "pin=led&state=on")
    assert answer.status == 403


def test_who_takes_no_html_gets_json(board: Board) -> None:
    answer = board.client.post("/", "pin=led&state=off")
    assert answer.json["state"] == "off"
