"""What the page costs on the wire, how long browsers keep it, and what its headers forbid."""

import gzip
import re

import pytest

from tests.browser.conftest import OpenPage
from tests.support.boards import Board
from tests.support.http import Answer

MOST = 12_000  # bytes of HTML, style and script together, with their headers
GZIP = {"Accept-Encoding": "gzip, deflate"}


def addresses(board: Board) -> dict[str, str]:
    """The page's files by their names."""
    html = board.client.get("/").body.decode()
    return {path.split("/")[-1]: path for path in re.findall(r"/static/[^ >]+", html)}


def record(board: Board, path: str) -> int:
    """Bytes that left the board for the last GET of this path."""
    return board.wait_connection(request=f"GET {path} HTTP/1.1")["bytes_out"]


def test_all_of_it_is_small(board: Board) -> None:
    board.client.get("/")
    total = record(board, "/")
    for name, path in addresses(board).items():
        board.client.get(path, GZIP)
        sent = record(board, path)
        print(f"{name}: {sent} bytes")
        total += sent
    print(f"together with the HTML: {total} bytes")
    assert total < MOST


def test_a_second_visit_brings_only_the_html(board: Board, open_page: OpenPage) -> None:
    page = open_page(board.client.url)
    page.wait_for_load_state("load")
    with page.expect_response("**/status"):
        page.goto(board.client.url + "?")
    records = board.control(net=None)["net"]["connections"]
    asked = [one["request"].split()[1] for one in records if one["request"]]
    again = asked[asked.index("/?") :]
    assert again[0] == "/?"
    assert not [path for path in again if "page." in path]


@pytest.mark.parametrize("name", ["page.css", "page.js", "icon.svg"])
def test_gzip_only_for_who_takes_it(board: Board, name: str) -> None:
    path = addresses(board)[name]
    plain, packed = board.client.get(path), board.client.get(path, GZIP)
    assert plain.header("Content-Encoding") is None
    assert packed.header("Content-Encoding") == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    for answer in (plain, packed):
        assert answer.header("Vary") == "Accept-Encoding"
        assert "immutable" in (answer.header("Cache-Control") or "")
        assert answer.header("X-Content-Type-Options") == "nosniff"


def test_an_unchanged_file_is_not_sent_again(board: Board) -> None:
    path = addresses(board)["page.css"]
    etag = board.client.get(path).header("ETag")
    assert etag
    assert board.client.get(path, {"If-None-Match": etag}).status == 304
    assert board.client.get(path, {"If-None-Match": '"other"'}).status == 200


def test_the_address_of_another_version_is_none(board: Board) -> None:
    assert board.client.get("/static/00000000/page.css").status == 404
    assert board.client.get("/static/page.css").status == 404


def test_head(board: Board) -> None:
    for path in ("/", *addresses(board).values()):
        whole, head = board.client.get(path), board.client.ask("HEAD", path)
        assert head.status == 200
        assert head.header("Content-Length") == str(len(whole.body))


def test_an_icon_for_any_answer_in_a_browser(board: Board) -> None:
    answer = board.client.get("/favicon.ico")
    assert answer.header("Content-Type") == "image/svg+xml"
    assert "max-age" in (answer.header("Cache-Control") or "")


def shut_in(answer: Answer) -> None:
    policy = answer.header("Content-Security-Policy") or ""
    for directive in ("default-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Cache-Control") == "no-store"


def test_nothing_from_elsewhere(board: Board) -> None:
    shut_in(board.client.get("/"))
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    shut_in(board.client.ask("POST", "/", b"pin=6&state=on", form))
    for name in addresses(board).values():
        assert b"http" not in board.client.get(name).body.replace(b"http://www.w3.org/", b"")
