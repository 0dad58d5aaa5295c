"""Setting up Wi-Fi from a phone on the board's own network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PINS, OpenPage
from tests.support.boards import Board

SSID = "café <b>&+%;#@ \"'\\"
PASSWORD = "ü \"quoted\" 'it' & + % ; # @ < \\ end "
LONGEST = "é" * 31 + "x"  # 63 bytes
QUICK = {"join": 0.05, "dhcp": 0.05, "sweep": 0.05, "scan": 0.05, "rest": 0.05}
JOINS = 30_000  # ms: the supervisor tries for seconds, and waits for a link to hold


@pytest.fixture
def board(built: None) -> Iterator[Board]:
    with Board(PINS=PINS, WIFI=[]) as board:
        board.control(delays=QUICK)
        board.control(
            routers=[
                {"ssid": SSID, "password": PASSWORD, "rssi": -48, "channel": 6},
                {"ssid": "long", "password": LONGEST, "rssi": -60, "channel": 6},
                {"ssid": "open", "password": "", "rssi": -80, "channel": 11},
            ]
        )
        yield board


def open_wifi(page: Page) -> None:
    page.get_by_text("Wi-Fi", exact=True).click()


def join(page: Page, ssid: str, password: str) -> None:
    page.get_by_label("Network").fill(ssid)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Join").click()


def asked(page: Page, outcome: str, ssid: str = SSID) -> None:
    expect(page.locator("#asked")).to_have_text(f"{ssid}: {outcome}", timeout=JOINS)


def test_a_network_is_found_and_joined(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.phone.url)
    open_wifi(page)
    page.get_by_role("button", name="Look for networks").click()
    row = page.get_by_role("listitem").filter(has_text=SSID)
    expect(row).to_contain_text("-48 dBm", timeout=JOINS)
    expect(page.get_by_role("listitem").filter(has_text="-80 dBm · open")).to_be_visible()
    row.get_by_role("button", name=SSID).click()
    expect(page.get_by_label("Network")).to_have_value(SSID)
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    asked(page, "joined, 192.168.1.50")
    expect(page.locator("#station")).to_have_text(f"{SSID} · 192.168.1.50", timeout=JOINS)
    row.get_by_role("button", name="Forget").click()
    expect(page.locator("#station")).to_be_empty(timeout=JOINS)


def test_a_wrong_password_is_said_and_mended(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.phone.url)
    open_wifi(page)
    join(page, SSID, "wrong password")
    asked(page, "wrong password")
    join(page, SSID, PASSWORD)
    asked(page, "joined, 192.168.1.50")


def test_the_longest_password(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.phone.url)
    open_wifi(page)
    join(page, "long", LONGEST)
    asked(page, "joined, 192.168.1.50", "long")


def test_without_javascript(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.phone.url, java_script_enabled=False)
    open_wifi(page)
    join(page, SSID, PASSWORD)
    assert page.url == board.phone.url + "#net"
    asked(page, "joining")

    def joined() -> bool:
        page.goto(board.phone.url)
        return page.locator("#asked").inner_text() == f"{SSID}: joined"

    board.wait(joined, "joined", patience=30)

    def forget() -> None:
        page.get_by_label("Forget").fill(SSID)
        page.get_by_role("button", name="Forget").click()

    forget()
    assert page.url == board.phone.url + "#net"
    assert board.phone.get("/wifi").json["known"] == []
    forget()
    expect(page.get_by_text("no network of that name was entered here")).to_be_visible()


@pytest.mark.parametrize(
    ("ssid", "password", "words"),
    [
        ("x" * 32, "short", "a Wi-Fi password has 8 to 63 bytes"),
        ("é" * 17, "long enough", "a network's name has 1 to 32 bytes"),
    ],
)
def test_what_cannot_be_is_said(
    board: Board, open_page: OpenPage, ssid: str, password: str, words: str
) -> None:
    page = open_page(board.phone.url)
    open_wifi(page)
    join(page, ssid, password)
    expect(page.get_by_role("status")).to_contain_text(words)
    plain = open_page(board.phone.url, java_script_enabled=False)
    open_wifi(plain)
    join(plain, ssid, password)
    expect(plain.get_by_text(words)).to_be_visible()


def test_it_is_not_for_everybody(built: None, open_page: OpenPage) -> None:
    """From the home network, without a password, the page says from where it is done."""
    with Board(PINS=PINS, WIFI=[("home", "for-the-test")]) as board:
        board.wait_entry(event="wifi", station="joined")
        page = open_page(board.client.url)
        open_wifi(page)
        join(page, SSID, PASSWORD)
        expect(page.get_by_role("status")).to_contain_text("from the board's own network")
        page.close()
