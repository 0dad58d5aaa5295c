"""The last lines of flashing and deploying, from what a board says."""

import http.server
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.silent_line import SilentLine
from tools import closing, serial_port
from tools.command import Stop

SETTINGS: dict[str, Any] = {
    "WIFI": [["Home", "secret"]],
    "AP_PASSWORD": "of this test",
    "PASSWORD": None,
    "CHANGE_BY_GET": True,
    "PINS": [{"pin": 17, "mode": "analog"}, {"pin": 5, "mode": "out"}],
}
ACCESS_POINT = "2 INFO:picopin:access point picopin-0a1b2c at 192.168.4.1\n"
SERVING = "3 INFO:picopin:serving on port 80\n"
JOINED = "5 INFO:picopin:station Home at 192.168.1.50\n"


def said(text: str, patience: float = 5, **changed: Any) -> closing.Heard:
    with SilentLine() as line, serial_port.opened(line.path) as opened:
        line.say(text)
        return closing.listen(opened, SETTINGS | changed, patience)


def last_lines(text: str, **changed: Any) -> str:
    return "\n".join(closing.closing_lines(said(text, **changed), SETTINGS | changed))


def test_both_networks() -> None:
    assert last_lines(ACCESS_POINT + SERVING + JOINED) == (
        "in the network Home:\n"
        "  http://192.168.1.50/\n"
        "  curl 'http://192.168.1.50/?pin=5&state=on'\n"
        "on a phone or laptop that has joined picopin-0a1b2c (its password is in config.py):\n"
        "  http://192.168.4.1/\n"
        "  curl 'http://192.168.4.1/?pin=5&state=on'"
    )


def test_another_port_and_a_password() -> None:
    shown = last_lines(ACCESS_POINT + SERVING.replace("80", "8080"), WIFI=[], PASSWORD="x")
    assert "  curl -u :PASSWORD 'http://192.168.4.1:8080/?pin=5&state=on'" in shown
    assert "x'" not in shown


def test_where_links_must_not_switch_the_line_is_a_post() -> None:
    shown = last_lines(ACCESS_POINT + SERVING, WIFI=[], CHANGE_BY_GET=False)
    assert "  curl -d 'pin=5&state=on' 'http://192.168.4.1/'" in shown


def test_without_an_output_it_reads() -> None:
    assert "  curl 'http://192.168.4.1/pins'" in last_lines(
        ACCESS_POINT + SERVING, WIFI=[], PINS=[]
    )


def test_one_of_two_networks_is_enough() -> None:
    other = "4 INFO:picopin:station Other: not found\n"
    heard = said(ACCESS_POINT + SERVING + other + JOINED, WIFI=[["Other", ""], ["Home", "secret"]])
    assert heard.station == ("Home", "192.168.1.50")


@pytest.mark.parametrize("why", ["wrong password", "not found", "no address", "failed"])
def test_why_it_did_not_join(why: str) -> None:
    shown = last_lines(ACCESS_POINT + SERVING + f"9 WARNING:picopin:station Home: {why}\n")
    assert f"it did not join your network (Home: {why}): `make config`" in shown
    assert "http://192.168.4.1/" in shown


def test_it_does_not_wait_for_a_network_that_is_not_wanted() -> None:
    assert said(ACCESS_POINT + SERVING, patience=60, WIFI=[]).port == 80


def test_it_waits_for_one_that_is() -> None:
    heard = said(ACCESS_POINT + SERVING, patience=0.5)
    assert heard.station is None
    assert "has not joined a network yet" in next(closing.closing_lines(heard, SETTINGS))


PROMPT = "MicroPython v1.28.0 on 2026-04-06; ESP module with ESP8266\nType help\n>>> "


def test_a_program_that_ended() -> None:
    told = pytest.raises(
        Stop, match=r"does not serve \(ImportError: no .*: `make monitor` shows why"
    )
    with SilentLine() as line, serial_port.opened(line.path) as opened, told:
        line.say("Traceback (most recent call last):\nImportError: no module named 'x'\n" + PROMPT)
        closing.say(opened, SETTINGS)


def test_a_program_that_ended_silently() -> None:
    told = pytest.raises(Stop, match="nothing more came from it")
    with SilentLine() as line, serial_port.opened(line.path) as opened, told:
        line.say(PROMPT)
        closing.say(opened, SETTINGS)


def test_an_error_that_is_survived() -> None:
    heard = said("ValueError: config.py\n" + ACCESS_POINT + SERVING + JOINED)
    assert (heard.port, heard.station) == (80, ("Home", "192.168.1.50"))


def test_a_silent_board() -> None:
    told = pytest.raises(Stop, match="nothing more came from it")
    with SilentLine() as line, serial_port.opened(line.path) as opened, told:
        closing.say(opened, SETTINGS, patience=0.3)


# The smoke test


class Board(http.server.BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        body = b'{"pin": 5, "state": "off"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stays quiet."""


@pytest.fixture
def board() -> Iterator[str]:
    Board.asked = []
    with http.server.HTTPServer(("127.0.0.1", 0), Board) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_smoke_test_reads_a_pin_and_changes_none(board: str) -> None:
    seen = closing.smoke_test(board, SETTINGS)
    assert seen == 'it answers: {"pin": 5, "state": "off"}'
    assert Board.asked == [("/?pin=5", None)]


def test_the_smoke_test_says_the_password(board: str) -> None:
    closing.smoke_test(board, SETTINGS | {"PASSWORD": "secret"})
    assert Board.asked == [("/?pin=5", "Basic OnNlY3JldA==")]


def test_the_smoke_test_asks_no_proxy(board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # made at the first call, with its proxies
    assert "it answers" in closing.smoke_test(board, SETTINGS)


def test_the_smoke_test_of_a_board_elsewhere() -> None:
    with pytest.raises(Stop, match=r"did not answer .* is this computer in its network\?"):
        closing.smoke_test("http://127.0.0.1:9/", SETTINGS, patience=2)
