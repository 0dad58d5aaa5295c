"""/status, /log, /restart, and what happens when our own code fails."""

import contextlib
import os
import re
import select
from typing import Any

import pytest

from tests.attack.siege import deaf, heard
from tests.support import boards
from tests.support.boards import Board, board_with
from tests.support.firmware import firmware_with
from tests.support.http import Client
from tools.board.process import PATIENCE

PLACES = 5  # connections that the chip has
ANSWER_MS = 10000  # for the whole answer, where places are free

board = board_with()

_CRASHES = """
import asyncio

def crash(req, resp):
    raise ValueError("on purpose")

async def crash_later(req, resp):
    await asyncio.sleep_ms(1)
    {}["no such key"]

def crash_half_way(req, resp):
    for _ in range(6):
        yield from resp.awrite(b"x" * 500)
    raise ValueError("too late")

app.add_url_rule("/crash", crash)
app.add_url_rule("/crash/later", crash_later)
app.add_url_rule("/crash/half", crash_half_way)
"""
_LONG = """
def long(req, resp):
    for _ in range(60):
        yield from resp.awrite(b"x" * 500)

app.add_url_rule("/long", long)
"""
_OWN_ROUTES = """
import picoweb

@app.route("/mine")
def mine(req, resp):
    req.parse_qs()
    yield from picoweb.jsonify(resp, {"who": req.form["who"]})

@app.route("/hello")
def hello(req, resp):
    return {"hello": "world"}

def pieces(word):
    for _ in range(400):
        yield word

@app.route("/long")
async def long(req, resp):
    return pieces, ("word ",), "text/plain"

@app.route("/no-file")
def no_file(req, resp):
    return "static/nothing.css", b"a head"

more = picoweb.WebApp("more")

@more.route("/mounted")
def mounted(req, resp):
    return {"query": req.qs}

app.mount("/sub", more)

@app.route("/error")
def error(req, resp):
    yield from picoweb.start_response(resp, status="418", headers={"Cache-Control": "no-store"})
    yield from resp.awrite("tea")
"""
_IMPORTS = """
import picoweb, utemplate, ulogging, pkg_resources, picopin
for module in (picoweb, utemplate, ulogging, pkg_resources, picopin):
    place = getattr(module, "__file__", None) or getattr(module, "__path__", "no __file__ here")
    print(module.__name__, place)
"""


def test_status_tells_how_the_board_is(board: Board) -> None:
    status = board.client.get("/status").json
    assert re.fullmatch(r"\d+\.\d+\.\d+", status["version"])
    assert status["uptime"] >= 0
    assert status["reset"] == "power on"
    assert 0 < status["heap"]["lowest"] <= status["heap"]["free"]
    assert status["ap"] == {"active": True, "ssid": "picopin-0a1b2c", "address": "192.168.4.1"}
    assert status["station"]["state"] == "idle"
    assert status["config"] == []


def test_uptime_counts_seconds(board: Board) -> None:
    def tells_the_truth() -> bool:
        told = board.client.get("/status").json["uptime"]
        return told >= 2 and abs(told - board.control(status=None)["status"]["ms"] / 1000) < 1.5

    board.wait(tells_the_truth, "two seconds")


def test_requests_are_counted(board: Board) -> None:
    before = board.counters()
    board.client.get("/?pin=2")
    board.client.get("/?pin=99")
    board.client.get("/nothing")
    after = board.counters()
    assert after["served"] - before["served"] == 2  # the reading of the pin, and of the counters
    assert after["refused"] - before["refused"] == 2
    assert after["open"] == 1
    assert after["faults"] == 0


def test_station_side_of_status(built: None) -> None:
    with Board(WIFI=[("home net", "for-the-test")], HOSTNAME="shed") as board:
        joined = {"state": "up", "ssid": "home net", "address": "192.168.1.50"}
        board.wait(
            lambda: board.client.get("/status").json["station"] == joined,
            "a link that has held",
        )
        assert board.control(wifi=None)["wifi"]["hostname"] == "shed"


def test_log_is_the_last_lines_oldest_first(board: Board) -> None:
    lines = board.client.get("/log").json["lines"]
    assert any("picopin-0a1b2c at 192.168.4.1" in line for line in lines)
    seconds = [int(line.split(" ", 1)[0]) for line in lines]
    assert seconds == sorted(seconds)
    board.wait(lambda: lines[-1] in board.lines, "the console, which may be behind")
    console = [line for line in board.lines if not line.startswith("ready ")]
    assert lines == [line for line in console if line in lines]


def test_restart(board: Board) -> None:
    """The answer comes first; outputs keep their levels without a pulse."""
    board.client.get("/?pin=5&state=on")
    seen, life = len(board.changes()), board.life
    assert board.client.post("/restart").status == 200
    board.wait_entry(life=life + 1, event="boot", cause="software")
    board.wait_serving(life + 1)
    assert board.client.get("/?pin=5").json["state"] == "on"
    assert board.client.get("/status").json["reset"] == "restart"
    assert board.changes()[seen:] == []


class TestCrash:
    """A fault of ours: 500, logged with its traceback, counted, and the server goes on."""

    @pytest.mark.parametrize(
        ("target", "said"),
        [("/crash", "ValueError: on purpose"), ("/crash/later", "KeyError: no such key")],
    )
    def test_it_is_answered_and_logged(self, built: None, target: str, said: str) -> None:
        with Board(files=firmware_with(_CRASHES)) as board:
            answer = board.client.get(target)
            assert (answer.status, answer.error["code"]) == (500, "fault")
            assert board.client.get("/?pin=4&state=on").status == 200
            assert board.counters()["faults"] == 1
            log = "\n".join(board.client.get("/log").json["lines"])
            assert "Traceback (most recent call last)" in log
            assert said in log
            board.wait_line(re.escape(said))

    def test_half_way_through_an_answer(self, built: None) -> None:
        """Part of another answer has left: then only closing is honest."""
        with Board(files=firmware_with(_CRASHES)) as board:
            with board.client.connect() as connection:
                connection.sendall(b"GET /crash/half HTTP/1.0\r\n\r\n")
                received = b""
                while part := connection.recv(4096):
                    received += part
            assert received.strip(b"x") == b""
            assert board.counters()["faults"] == 1
            assert board.client.get("/?pin=4&state=on").status == 200


def test_routes_of_the_owner_beside_the_pins(built: None) -> None:
    """As picoweb has them, with all that its handlers are written with."""
    with Board(files=firmware_with(_OWN_ROUTES)) as board:
        assert board.client.get("/mine?who=me").json == {"who": "me"}
        assert board.client.get("/hello").json == {"hello": "world"}
        assert board.client.get("/long").body == b"word " * 400
        assert board.client.get("/no-file").status == 404
        assert board.client.get("/sub/mounted?a=1").json == {"query": "a=1"}
        assert board.counters()["faults"] == 0
        assert (tea := board.client.get("/error")).status == 418
        assert tea.body == b"tea"
        assert board.client.get("/?pin=4&state=on").status == 200


def test_third_party_code_comes_from_the_built_image(built: None) -> None:
    """Not from whatever else MicroPython finds on this machine."""
    with Board(files=firmware_with(first=_IMPORTS)) as board:
        for name in ("picoweb", "utemplate", "picopin"):
            board.wait_line(rf"^{name} /rom/lib/")
        for name in ("ulogging", "pkg_resources"):  # the chip's modules know no __file__
            board.wait_line(rf"^{name} (/rom/lib/|no __file__)")


def test_real_clients_are_understood(board: Board) -> None:
    """Requests as curl and a phone's Chrome send them, header for header."""
    curl = (
        "GET /?pin=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n"
    )
    chrome = (
        "GET /?pin=2 HTTP/1.1\r\nHost: 192.168.4.1\r\nConnection: keep-alive\r\n"
        "Upgrade-Insecure-Requests: 1\r\n"
        "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.0.0 Mobile Safari/537.36\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
        "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7\r\n"
        "Accept-Encoding: gzip, deflate\r\nAccept-Language: de-DE,de;q=0.9,en;q=0.8\r\n\r\n"
    )
    client: Client = board.client
    assert client.send(curl.encode()).status == 200
    assert client.send(chrome.encode()).status == 200


@pytest.mark.parametrize("path", [b"/", b"/long"], ids=["page", "handler"])
def test_a_long_answer_that_nobody_reads_makes_room(built: None, path: bytes) -> None:
    """All places are taken, the others wait for their turn to be long: it is let go, though it
    would have ten seconds otherwise."""

    def records() -> list[dict[str, Any]]:
        return board.control(net=None)["net"]["connections"][-PLACES:]

    with Board(files=firmware_with(_LONG)) as board, contextlib.ExitStack() as stack:
        stack.enter_context(deaf(board.client, b"GET %s HTTP/1.0\r\n\r\n" % path))
        board.wait(lambda: records() and records()[0]["bytes_out"], "the long one to begin")
        waiting = [stack.enter_context(board.client.connect()) for _ in range(PLACES - 1)]
        for connection in waiting:
            connection.sendall(b"GET /pins HTTP/1.0\r\n\r\n")
        answers = [heard(connection) for connection in waiting]
        for connection in waiting:
            connection.close()
        lists = [answer for answer in answers if answer.startswith(b"HTTP/1.1 200 ")]
        # Four of them at once and a handler of its owner's may find no room in the chip's heap.
        assert lists or boards.CPU == "lx106"
        assert all(each in lists or b"no memory" in each for each in answers)
        board.wait(lambda: all(each["how"] for each in records()[1:]), "their ends")
        assert max(each["milliseconds"] for each in records()[1:]) < ANSWER_MS


def test_a_line_of_the_log_ends_as_the_others_on_the_console(built: None) -> None:
    """CR LF: a terminal that is sent LF alone goes down and not to the left."""
    with Board("--serial") as board:
        line = os.open(board.wait_line(r"serial (\S+)")[0], os.O_RDWR | os.O_NOCTTY)
        board.control(reset="software")
        seen = b""
        while not re.search(rb"INFO:picopin:serving on port 80\r?\n", seen):
            assert select.select([line], [], [], PATIENCE)[0], seen
            seen += os.read(line, 4096)
        os.close(line)
    assert b"INFO:picopin:serving on port 80\r\n" in seen
    assert not re.search(rb"(?<!\r)\n", seen)
