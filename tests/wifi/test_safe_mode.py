"""Starts that fail, a held button, a firmware that hangs: the board stays within reach."""

import pytest

from tests.support.boards import Board, config_text
from tests.support.firmware import firmware_with
from tests.wifi.scene import HOME

PINS = [{"pin": 4, "mode": "out"}, {"pin": 5, "mode": "out", "boot": "on"}]
SETTINGS = {"PINS": PINS, "WIFI": [(HOME["ssid"], HOME["password"])]}
CONFIG = {"config.py": config_text(**SETTINGS).encode()}
FAULT = """
if not current.trouble:
    raise ValueError("on purpose")
"""
TWICE_THEN_LAST = """
from picopin import retained
if retained.kept[retained.BOOTS] < 1:
    raise ValueError("on purpose")
app.uptime = 57
"""
HANG = """
def hang(req, resp):
    while True:
        pass

app.add_url_rule("/hang", hang)
"""
# The watchdog bites after 5 seconds.
QUICK = """
from picopin import net
net.BEAT_MS = 500
"""
SOFT = """
from picopin import net

class Soft:
    timer = net.timer

    def init(self, *, mode, period, callback):
        self.timer.init(mode=mode, period=period, callback=callback)

net.timer = Soft()
"""
# A minute in which memory lacks, again and again, and most of it is gone; only in the first life.
FULL = """
import asyncio
import machine

async def hurry():
    while True:
        app.no_memory += 1
        app.second()
        if app.uptime == 11:
            app.hog = bytearray(app.free * 6 // 10)
        await asyncio.sleep_ms(5)

if machine.reset_cause() == 0:
    asyncio.create_task(hurry())
"""
DEAD_SUPERVISOR = """
from picopin import net

_cold = net.cold

def fails(name):
    if name == "station" and not current.trouble:
        raise ValueError("on purpose")
    return _cold(name)

net.cold = fails
"""
BOOTS = 3  # where the record in RTC memory counts starts that failed


@pytest.fixture(autouse=True)
def _built(built: None) -> None:
    """Every test here starts boards."""


def assert_safe(board: Board, why: str) -> str:
    """Access point, page and API are there, outputs at boot level; returns what /status tells."""
    status = board.phone.get("/status").json
    assert status["trouble"].startswith(why)
    assert status["ap"]["active"]
    assert status["station"]["state"] == "idle"
    assert board.phone.get("/").status == 200
    assert [pin["state"] for pin in board.phone.get("/pins").json["pins"]] == ["off", "on"]
    assert [board.level(4), board.level(5)] == [0, 1]
    return status["trouble"]


def wait_life(board: Board, life: int) -> None:
    """Wait until a life serves, whichever side's client is let in first."""
    board.wait_entry(event="boot", life=life)
    serving = "INFO:picopin:serving"

    def looks() -> bool:
        try:
            return bool(board.phone.get("/status").json)
        except OSError:
            return False

    board.wait_line(serving)
    board.wait(looks, f"life {life} to serve")


def test_three_starts_that_fail() -> None:
    with Board(files=firmware_with(FAULT) | CONFIG, serves=False) as board:
        wait_life(board, 4)
        trouble = assert_safe(board, "3 starts in a row failed")
        assert "ValueError: on purpose" in trouble
        assert 'File "main.py"' in trouble
        assert board.phone.get("/status").json["reset"] == "main.py failed"
        assert board.phone.get("/?pin=4&state=on").status == 200
        # whoever asks for a restart has mended it, or wants to know
        assert board.phone.post("/restart").status == 200
        wait_life(board, 8)
        assert_safe(board, "3 starts in a row failed")


def test_the_chips_own_watchdog_counts_too() -> None:
    with Board(**SETTINGS) as board:
        board.client.get("/?pin=4&state=on")
        for life in (2, 3, 4):
            board.control(reset="watchdog")
            wait_life(board, life)
        assert_safe(board, "3 starts in a row failed")


@pytest.mark.parametrize("how", ["software", "hard"])
def test_a_restart_is_no_failure(how: str) -> None:
    with Board(**SETTINGS) as board:
        for life in (2, 3, 4, 5):
            board.control(reset=how)
            wait_life(board, life)
        assert board.phone.get("/status").json["trouble"] is None


def test_a_start_that_lasts_a_minute_has_not_failed() -> None:
    """The clock of main.py is put to the 57th second."""
    with Board(files=firmware_with(TWICE_THEN_LAST) | CONFIG, serves=False) as board:
        wait_life(board, 2)

        def count() -> int:
            return bytes.fromhex(board.control(status=None)["status"]["rtc_memory"])[BOOTS]

        assert count() == 1
        board.wait(lambda: count() == 0, "the minute to be over")
        assert board.life == 2


@pytest.mark.parametrize("text", ["PINS = [\n", "import nosuchmodule\n", "AP = secret\n"])
def test_a_config_that_does_not_run(text: str) -> None:
    with Board(config=text) as board:
        status = board.phone.get("/status").json
        assert status["trouble"].startswith("config.py does not run\nTraceback")
        assert "config.py" in status["trouble"]
        assert status["ap"]["active"]
        assert board.phone.get("/").status == 200
        counts = board.control(flash=None)["flash"]
        board.restart()
        assert board.control(flash=None)["flash"] == counts, "the traceback is saved once"


def test_a_boot_that_fails_still_serves() -> None:
    whole = firmware_with("")
    broken = whole["boot.py"].replace(b"    current = cold", b"    1 / 0\n    current = cold", 1)
    with Board(files=whole | CONFIG | {"boot.py": broken}) as board:
        trouble = board.phone.get("/status").json["trouble"]
        assert trouble.startswith("boot.py failed")
        assert "ZeroDivisionError" in trouble
        assert board.phone.get("/").status == 200


class TestButton:
    def test_held_after_the_start(self) -> None:
        with Board(**SETTINGS) as board:
            board.client.get("/?pin=4&state=on")
            board.control(set_pin={"pin": 0, "level": 0})
            wait_life(board, 2)
            assert_safe(board, "GPIO0 was held")
            board.control(set_pin={"pin": 0, "level": None})
            board.phone.post("/restart")
            wait_life(board, 3)
            assert board.phone.get("/status").json["trouble"] is None

    def test_pressed_for_a_moment_is_nothing(self) -> None:
        with Board(**SETTINGS) as board:
            board.control(set_pin={"pin": 0, "level": 0})
            board.control(set_pin={"pin": 0, "level": None})
            board.wait(lambda: board.phone.get("/status").json["uptime"] >= 3, "three seconds")
            assert board.life == 1

    def test_a_pin_of_the_policy_is_no_button(self) -> None:
        with Board(PINS=[{"pin": 0, "mode": "in"}]) as board:
            board.control(set_pin={"pin": 0, "level": 0})
            board.wait(lambda: board.phone.get("/status").json["uptime"] >= 4, "four seconds")
            assert board.life == 1


class TestWatchdog:
    """On a timer, at its real times: it bites 22.5 to 25 seconds after the last sign of life."""

    def test_a_server_that_hangs(self) -> None:
        with Board(files=firmware_with(HANG) | CONFIG) as board:
            board.client.get("/?pin=4&state=on")
            moved = len(board.changes(4))
            with board.client.connect() as connection:
                connection.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
                board.wait(lambda: board.life == 2, "the watchdog", 40)
                wait_life(board, 2)
            status = board.phone.get("/status").json
            assert (status["reset"], status["trouble"]) == ("no sign of life", None)
            assert board.phone.get("/?pin=4").json["state"] == "on"
            assert len(board.changes(4)) == moved, "outputs keep their level"

    def test_memory_that_is_short_for_good(self) -> None:
        with Board(files=firmware_with(FULL) | CONFIG) as board:
            wait_life(board, 2)
            status = board.phone.get("/status").json
            assert (status["reset"], status["trouble"]) == ("out of memory", None)

    def test_a_supervisor_that_fails(self) -> None:
        with Board(files=firmware_with(QUICK + DEAD_SUPERVISOR) | CONFIG, serves=False) as board:
            wait_life(board, 2)
            assert board.phone.get("/status").json["reset"] == "no sign of life"
            for life in (3, 4):
                board.control(reset="watchdog")  # the chip's, which is quicker
                wait_life(board, life)
            assert "ValueError: on purpose" in assert_safe(board, "3 starts in a row failed")

    def test_a_scan_that_never_returns(self) -> None:
        """It runs no soft Timer (network_wlan.c, esp_scan), so that only a hard one can end it."""
        with Board(files=firmware_with(QUICK) | CONFIG) as board:
            board.client.get("/?pin=4&state=on&for=60")
            board.control(wifi="scan refused")
            assert board.phone.post("/wifi", "scan=1").status == 200
            wait_life(board, 2)
            assert board.phone.get("/status").json["reset"] == "no sign of life"
            assert board.level(4) == 0, "a pulse ends with the reset"

    def test_a_micropython_without_hard_timers(self) -> None:
        """Before 1.27 its Timer does not take the word; a soft one finds a server that hangs."""
        files = firmware_with(QUICK + HANG, SOFT) | CONFIG
        with Board(files=files) as board:
            with board.client.connect() as connection:
                connection.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
                wait_life(board, 2)
            assert board.phone.get("/status").json["reset"] == "no sign of life"

    def test_two_writes_for_which_lwip_has_no_memory(self) -> None:
        """10 s each, of an answer and of the error in its place: the server is busy, not dead."""
        with Board(files=firmware_with("") | CONFIG) as board:
            board.control(stall={"writes": 2, "seconds": 10})
            with board.client.connect() as connection:
                connection.settimeout(30)
                connection.sendall(b"GET /?pin=4 HTTP/1.0\r\n\r\n")
                assert connection.recv(100) == b""
            assert board.client.get("/?pin=4").status == 200
            assert board.life == 1

    def test_ctrl_c_stops_it(self) -> None:
        """Whoever works at the console is not reset. Its beats are quicker here."""
        with Board(files=firmware_with(QUICK) | CONFIG) as board:
            board.control(interrupt=None)
            board.wait_entry(event="idle")
            begun = board.control(status=None)["status"]["ms"]
            board.wait(
                lambda: board.control(status=None)["status"]["ms"] > begun + 6500,
                "more than its patience",
            )
            assert board.life == 1
