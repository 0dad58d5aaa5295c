"""A board with a password: the page works with it, by header and by link, and never shows it."""

from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.conftest import PINS, OpenPage
from tests.browser.test_pins import assert_on, card, switch, wait_levels
from tests.support.boards import Board, board_with
from tests.support.http import Client

SECRET = "open: sésame & 100%+#€"
TOKEN = f"?token={quote(SECRET)}"

board = board_with(PINS=PINS, PASSWORD=SECRET)


def url(board: Board) -> str:
    return board.client.url + TOKEN


def test_a_link_with_the_token_is_enough(board: Board, open_page: OpenPage) -> None:
    page = open_page(url(board))
    switch(page, "led").click()
    wait_levels(board, 2, 0)
    assert board.client.get("/" + TOKEN + "&pin=led&state=off").status == 200
    assert_on(page, "led", False)
    with page.expect_navigation() as navigation:
        page.get_by_role("link", name="Status").click()
    assert navigation.value.status == 200


def test_forms_keep_the_token(board: Board, open_page: OpenPage) -> None:
    """Its place is the page's own address, to which every form and answer leads back."""
    page = open_page(url(board), java_script_enabled=False)
    switch(page, "led").click()
    wait_levels(board, 2, 0)
    assert page.url == url(board) + "#p-led"
    switch(page, "led").click()
    wait_levels(board, 2, 0, 1)
    card(page, "pump").get_by_text("Timer").click()
    card(page, "pump").get_by_label("sec").fill("1")
    card(page, "pump").get_by_role("button", name="On").click()
    switch(page, "valve").click()
    page.get_by_role("link", name="Back to the pins").click()
    assert page.url == url(board)
    assert_on(page, "led", False)


def test_basic_is_enough(board: Board, open_page: OpenPage) -> None:
    credentials = {"username": "anybody", "password": SECRET}
    page = open_page(board.client.url, http_credentials=credentials)
    switch(page, "D0").click()
    wait_levels(board, 16, 1)
    assert_on(page, "D0", True)
    switch(page, "D0").click()
    wait_levels(board, 16, 1, 0)


def test_a_password_that_no_longer_holds(board: Board, open_page: OpenPage) -> None:
    """As when the board was given another one while the page was open."""
    page = open_page(url(board))
    page.evaluate("history.replaceState(null, '', '/?token=old')")
    expect(page.get_by_role("status")).to_have_text("this board asks for its password")


def test_no_answer_shows_it(board: Board, open_page: OpenPage) -> None:
    client = Client(board.client.url, {"Accept": "text/html"})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        client.get("/" + TOKEN),
        client.ask("POST", "/" + TOKEN, b"pin=led&state=off", form),
        client.ask("POST", "/" + TOKEN, b"pin=led&state=maybe", form),
        client.get("/log" + TOKEN),
    ]
    for answer in answers:
        shown = answer.body + repr(answer.headers).encode()
        for secret in (SECRET.encode(), TOKEN.encode(), b"s\xc3\xa9same", b"s%C3%A9same"):
            assert secret not in shown


def test_the_files_of_the_page_need_none(board: Board) -> None:
    html = board.client.get("/" + TOKEN).body.decode()
    for part in html.split():
        if "/static/" in part:
            path = part.split("=", 1)[1].rstrip(">")
            assert board.client.get(path).status == 200


def test_the_referrer_stays_at_home(board: Board) -> None:
    assert board.client.get("/" + TOKEN).header("Referrer-Policy") == "same-origin"
