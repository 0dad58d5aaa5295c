"""config.py with mistakes: each is named on the console and in /status, and an AP comes up."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.boards import AP_KEY, Board, config_text

RESCUE_KEY = "picopin-rescue"  # the one that the docs name
OWN_SSID = "picopin-0a1b2c"  # the end of the virtual board's MAC
WPA = (3, 4)  # WPA2, WPA/WPA2: what counts is that it is not 0, open


def pins(*entries: object) -> dict[str, Any]:
    return {"PINS": list(entries)}


GOOD_PIN = {"pin": 4, "mode": "out", "name": "relay"}

# settings -> what is said; the five of the issue first
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"COLOUR": "red"}, r"COLOUR: there is no such setting; there are .*AP_PASSWORD.*WIFI"),
    ({"AP_PASSWORD": "12345"}, r"AP_PASSWORD: has 5 characters; .*8 to 63"),
    (pins({"pin": 6, "mode": "out"}), r"PINS, entry 1 \(pin 6\): .*flash"),
    (pins(GOOD_PIN, {"pin": 5, "mode": "out", "name": "relay"}),
     r"PINS, entry 2 \(pin 5\): name relay is given to two entries"),
    ({"HTTP_PORT": "80"}, r"HTTP_PORT: must be a number from 1 to 65535"),
    (pins({"pin": 4, "mode": "out", "max_on": "30"}), r"entry 1 .*max_on must be a number"),
    ({"AP": "sometimes"}, r'AP: must be "always", "fallback" or "never"'),
    ({"AP_SSID": ""}, r"AP_SSID: must be None or a name of 1 to 32 bytes"),
    ({"AP_SSID": "ü" * 17}, r"AP_SSID: must be None or a name of 1 to 32 bytes"),
    ({"AP_PASSWORD": None}, r"AP_PASSWORD: must be text: 8 to 63 characters"),
    ({"AP_PASSWORD": "x" * 64}, r"AP_PASSWORD: has 64 characters"),
    ({"WIFI": [("home", "short")]}, r"WIFI, entry 1: a password has 8 to 63 characters"),
    ({"WIFI": "home"}, r"WIFI: must be a list"),
    ({"HOSTNAME": "my board"}, r"HOSTNAME: must be .*letters, digits"),
    ({"HOSTS": "board.example"}, r"HOSTS: must be a list"),
    ({"CHANGE_BY_GET": "no"}, r"CHANGE_BY_GET: must be True or False"),
    ({"PINS": {"led": 2}}, r"PINS: must be a list"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "said"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_named_and_an_ap_comes_up(
    built: None, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    flash = tmp_path / "flash.img"
    with Board(config=config_text(**settings), flash=flash) as board:
        console = board.wait_line(said)
        status = board.phone.get("/status").json
        assert len(console) == 1
        assert len(status["config"]) == 1
        assert re.search(said, status["config"][0])
        assert status["ap"]["active"]
    assert_locked(stored_ap(flash))


def stored_ap(flash: Path) -> tuple[str, str, int]:
    """(name, key, authmode) of the access point as the chip keeps it in its flash."""
    kept = json.loads(Path(f"{flash}.wifi.json").read_text())
    assert kept["opmode"] & 2, "the access point is off"
    return kept["ap_ssid"], kept["ap_key"], kept["ap_authmode"]


def assert_locked(ap: tuple[str, str, int]) -> None:
    """Never an open one."""
    assert ap[2] in WPA
    assert 8 <= len(ap[1]) <= 63


def test_all_mistakes_at_once(built: None) -> None:
    """None hides another, and what is right is in force."""
    settings = {
        "COLOUR": "red",
        "HTTP_PORT": "80",
        "AP": 3,
        **pins({"pin": 6, "mode": "out"}, GOOD_PIN, {"pin": 4, "mode": "out"}, {"pin": 5}, "D1"),
    }
    with Board(**settings) as board:
        told = board.client.get("/status").json["config"]
        assert len(told) == 7
        for mistake in told:
            assert board.wait_line(re.escape(mistake))
        assert [pin["name"] for pin in board.client.get("/pins").json["pins"]] == ["relay"]
        assert board.changes() == board.changes(4)


BROKEN = {
    "syntax": "PINS = [\n",
    "indent": "  WIFI = []\n",
    "raises": "import nosuchmodule\n",
    "name": "AP_PASSWORD = secret\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_config_that_does_not_even_run(built: None, tmp_path: Path, text: str) -> None:
    """The traceback is on the console, the rescue network on the air, and no pin is driven."""
    flash = tmp_path / "flash.img"
    with Board(config=text, flash=flash) as board:
        board.wait_line("Traceback")
        assert "config.py" in board.phone.get("/status").json["config"][0]
        assert board.client.get("/pins").json["pins"] == []
        assert board.changes() == []
    assert stored_ap(flash)[:2] == (OWN_SSID, RESCUE_KEY)


class TestTheAccessPoint:
    """What is on the air after good and bad settings, one start after the other."""

    def ap_after(self, flash: Path, **settings: object) -> tuple[str, str, int]:
        with Board(flash=flash, config=config_text(**settings)):
            pass
        return stored_ap(flash)

    def test_as_config_says(self, built: None, tmp_path: Path) -> None:
        flash = tmp_path / "flash.img"
        name, key, mode = self.ap_after(flash, AP_SSID="Wërkstatt 1", AP_PASSWORD='a "good" one')
        assert (name, key) == ("Wërkstatt 1", 'a "good" one')
        assert mode in WPA

    def test_own_name_where_config_gives_none(self, built: None, tmp_path: Path) -> None:
        assert self.ap_after(tmp_path / "flash.img")[:2] == (OWN_SSID, AP_KEY)

    def test_open_only_when_asked_for(self, built: None, tmp_path: Path) -> None:
        assert self.ap_after(tmp_path / "flash.img", AP_PASSWORD="")[2] == 0

    def test_the_rescue_key_where_there_was_no_good_one(self, built: None, tmp_path: Path) -> None:
        assert self.ap_after(tmp_path / "f", AP_PASSWORD="short")[:2] == (OWN_SSID, RESCUE_KEY)

    def test_a_missing_password_is_no_open_network(self, built: None, tmp_path: Path) -> None:
        flash = tmp_path / "flash.img"
        with Board(flash=flash, config="WIFI = []\n") as board:
            board.wait_line("AP_PASSWORD: is missing")
        assert stored_ap(flash)[:2] == (OWN_SSID, RESCUE_KEY)

    def test_the_last_good_one_comes_back(self, built: None, tmp_path: Path) -> None:
        flash = tmp_path / "flash.img"
        good = self.ap_after(flash, AP_SSID="shed", AP_PASSWORD="good-and-long")
        assert self.ap_after(flash, AP_SSID="barn", AP_PASSWORD="short") == good
        assert self.ap_after(flash, AP_PASSWORD=12345678) == good

    def test_never_is_overruled_when_it_is_the_only_way_in(
        self, built: None, tmp_path: Path
    ) -> None:
        """No network to join and no access point: nobody could reach the board."""
        assert self.ap_after(tmp_path / "flash.img", AP="never", WIFI=[])[:2] == (OWN_SSID, AP_KEY)

    def test_never(self, built: None, tmp_path: Path) -> None:
        flash = tmp_path / "flash.img"
        with Board(flash=flash, AP="never", WIFI=[("home", "for-the-test")]) as board:
            assert not board.client.get("/status").json["ap"]["active"]


def test_the_shipped_config_has_no_mistake(shipped: Board) -> None:
    assert shipped.client.get("/status").json["config"] == []
