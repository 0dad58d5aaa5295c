"""Two phones with the page open and a program at the API, in the chip's own heap."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_pins import assert_on, switch
from tests.support.boards import Board, chip_or_skip

ROUNDS = 40


def test_two_phones_and_a_program(built: None, open_page: OpenPage) -> None:
    chip_or_skip()
    with Board(cpu="lx106") as board:
        phones = [open_page(board.client.url) for _ in range(2)]
        for number in range(ROUNDS):
            state = "off" if number % 2 else "on"
            assert board.client.get(f"/?pin=D1&state={state}").status == 200
            switch(phones[number % 2], "led").click()
        for phone in phones:
            assert_on(phone, "D1", False)
            phone.reload()
            assert_on(phone, "D1", False)
            expect(phone.get_by_role("status")).to_be_empty()
        assert board.counters()["no_memory"] == 0
