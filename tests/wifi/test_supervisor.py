"""The station among routers that come, go and misbehave, while a phone uses the access point.

For each scene: what the supervisor did, by the trace; how often the chip saved its settings; and
that the phone was answered throughout.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.boards import Board
from tests.wifi.scene import HOME, SHED, Phone, Scene, seconds

WIFI = [("home", "home password")]
BOTH = [("home", "home password"), ("shed", "shed password")]
LONG = 60.0  # seconds that several rounds may take
SLOWEST = 4.0  # seconds that a phone may wait, on a machine that is busy
Note = Callable[..., None]


@contextmanager
def watched(board: Scene, name: str, note: Note) -> Iterator[Phone]:
    """A phone asks all the while, and every request of it is answered; the row is noted."""
    saves, entries = board.flash_saves(), len(board.entries(event="wifi"))
    with Phone(board) as phone:
        yield phone
    assert phone.failed == []
    assert phone.answered
    assert phone.slowest < SLOWEST
    assert board.life == 1
    saved = board.flash_saves() - saves
    note(name, board.station_went_through(entries), saved, phone.answered, phone.slowest)


@pytest.fixture(autouse=True)
def _built(built: None) -> None:
    """Every test here starts boards."""


def test_router_gone_and_back(note_outcome: Note) -> None:
    with Scene(routers=[HOME], WIFI=WIFI) as board:
        board.wait_state("up")
        saves = board.flash_saves()
        with watched(board, "router gone and back", note_outcome):
            board.control(wifi="lost")
            board.wait_state("not found")
            board.wait(lambda: station(board) == "idle", "a pause")
            board.control(wifi="restored")
            board.wait_state("up", "home")
        assert board.flash_saves() == saves
        board.wait(lambda: board.lines[-1].endswith("station home at 192.168.1.50"), "its line")


@pytest.mark.parametrize(
    "ssid", ["caf\udce9", "n" * 32], ids=["in another encoding", "of 32 bytes"]
)
@pytest.mark.parametrize(
    ("wifi", "outcome"),
    [(WIFI, "up"), (BOTH, "not found")],  # with two it scans first, and sees none of them
    ids=["one known", "two known"],
)
def test_a_name_that_an_earlier_firmware_stored(
    ssid: str, wifi: list[tuple[str, str]], outcome: str, tmp_path: Path
) -> None:
    """The chip cannot say the first, and says the second with its password (network_wlan.c)."""
    stored = {"opmode": 3, "station_ssid": ssid, "station_key": "old password"}
    (tmp_path / "flash.img.wifi.json").write_text(json.dumps(stored))
    with Board(flash=tmp_path / "flash.img", WIFI=wifi, serves=False) as board:
        board.wait_line(f"ready {board.phone.url}")
        board.wait(lambda: status(board)["station"]["state"] == outcome, outcome)
        assert status(board)["trouble"] is None
        assert board.life == 1


def status(board: Board) -> dict[str, Any]:
    return board.phone.get("/status").json


def test_off_the_air_between_tries(note_outcome: Note) -> None:
    """With the router away for long: most of the time the access point has the radio."""
    with Scene(routers=[], WIFI=WIFI) as board:
        with watched(board, "router never there", note_outcome):
            board.wait(lambda: hunts(board) >= 4, "four rounds", LONG)
        rounds = pauses(board)
        assert all(rest > seconds(29) for rest in rounds), rounds
        assert rounds[-1] > rounds[0], "later rounds wait longer"
        assert board.flash_saves() <= 3  # modes, the access point, and the network once


def idles(board: Scene) -> list[dict[str, int]]:
    """The trace's entries with which the station left or took the air."""
    entries: list[dict[str, int]] = []
    for entry in board.entries(event="wifi"):
        if not entries or entries[-1]["station"] != entry["station"]:
            entries.append(entry)
    return entries


def hunts(board: Scene) -> int:
    return sum(entry["station"] == "not found" for entry in idles(board))


def pauses(board: Scene) -> list[float]:
    """Seconds of each rest between two hunts."""
    entries = idles(board)
    pairs = itertools.pairwise(entries)
    rests = [(b["ms"] - a["ms"]) / 1000 for a, b in pairs if a["station"] == "idle"]
    return rests[1:]  # the first is before the first try


@pytest.mark.parametrize(
    ("router", "told"),
    [
        ({"password": "another one"}, "wrong password"),
        ({"dhcp": False}, "no address"),
        ({"accepts": False}, "failed"),
        ({"present": False}, "not found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_it_failed_is_told_apart_and_it_heals(
    note_outcome: Note, router: dict[str, object], told: str
) -> None:
    with Scene(routers=[HOME | router], WIFI=WIFI) as board:
        with watched(board, told, note_outcome):
            board.wait_state(told, "home")
            board.wait_line(f"station home: {told}")
            board.control(router=HOME | {"dhcp": True, "accepts": True, "present": True})
            board.wait_state("up", "home")
        assert board.flash_saves() <= 3


def test_the_strongest_network_first(note_outcome: Note) -> None:
    with (
        Scene(routers=[HOME, SHED | {"rssi": -40}], WIFI=BOTH) as board,
        watched(board, "two networks, the second stronger", note_outcome),
    ):
        board.wait_state("up", "shed")


def test_the_next_network_when_the_strongest_goes(note_outcome: Note) -> None:
    with Scene(routers=[HOME, SHED], WIFI=BOTH) as board:
        board.wait_state("up", "home")
        with watched(board, "the joined one of two goes", note_outcome):
            board.control(router={"ssid": "home", "present": False})
            board.wait_state("up", "shed")


def test_the_next_network_when_the_strongest_refuses(note_outcome: Note) -> None:
    with Scene(routers=[HOME | {"password": "another one"}, SHED], WIFI=BOTH) as board:
        with watched(board, "the stronger of two refuses the password", note_outcome):
            board.wait_state("up", "shed")
        known = board.phone.get("/wifi").json["known"]
        assert {each["ssid"]: each["trouble"] for each in known} == {
            "home": "wrong password",
            "shed": None,
        }


def test_networks_that_all_refuse_do_not_wear_the_flash(note_outcome: Note) -> None:
    """Each change of network is a write of the chip's flash; it stays with one, mostly."""
    routers = [HOME | {"password": "another one"}, SHED | {"dhcp": False}]
    with Scene(routers=routers, WIFI=BOTH) as board:
        with watched(board, "two networks, neither lets it in", note_outcome):
            board.wait(lambda: hunts_of(board) >= 5, "five rounds", LONG)
            saves = board.flash_saves()
            board.wait(lambda: hunts_of(board) >= 8, "three more rounds", LONG)
        assert board.flash_saves() == saves


def hunts_of(board: Scene) -> int:
    """Rounds so far, by the scans that begin them."""
    return board.control(wifi=None)["wifi"]["scans"]


def station(board: Scene) -> str:
    return board.control(wifi=None)["wifi"]["station"]


def test_flapping_a_hundred_times(note_outcome: Note) -> None:
    """The chip notices each loss, and rejoins before the supervisor gives up."""
    with Scene(routers=[HOME], WIFI=WIFI, speed=4) as board:
        board.control(delays=dict.fromkeys(("join", "dhcp", "sweep", "rest", "beacon"), 0.005))
        board.wait_state("up")
        saves = board.flash_saves()
        with watched(board, "router flaps 100 times", note_outcome):
            for flap in range(100):
                board.control(wifi="lost")
                board.wait(lambda: station(board) != "joined", "the loss to be noticed")
                board.control(wifi="restored")
                board.wait(lambda: station(board) == "joined", f"return number {flap + 1}")
            board.wait_state("up", "home")
        assert board.flash_saves() == saves
        assert board.counters()["faults"] == 0


def test_up_only_after_it_held() -> None:
    with Scene(routers=[HOME], WIFI=WIFI) as board:
        joined = board.wait_entry(event="wifi", station="joined")["ms"]
        board.wait_state("up")
        assert board.control(status=None)["status"]["ms"] - joined > seconds(4) * 1000


def test_a_phone_on_the_access_point_while_the_station_hunts(note_outcome: Note) -> None:
    """It is deaf for one sweep of a round and no longer."""
    with Scene(routers=[], WIFI=WIFI) as board:
        board.control(ap_stations=[["5a:00:00:00:00:01", "192.168.4.100"]])
        with watched(board, "a phone joined, the router away", note_outcome):
            before = hunts(board)
            board.wait(lambda: hunts(board) >= before + 3, "three rounds", LONG)


def test_a_gateway_that_went_silent(note_outcome: Note) -> None:
    """The chip still says it is joined; the router's answers to name queries tell."""
    with Scene(routers=[HOME, SHED], WIFI=BOTH) as board:
        board.wait_state("up", "home")
        wait_uptime(board, seconds(60))
        with watched(board, "joined, and nothing comes through", note_outcome):
            board.control(router={"ssid": "home", "silent": True})
            board.wait_state("up", "shed")


def test_a_router_that_never_answers_names_is_left_in_peace() -> None:
    with Scene(routers=[HOME | {"silent": True}], WIFI=WIFI) as board:
        board.wait_state("up", "home")
        entries = len(board.entries(event="wifi"))
        wait_uptime(board, seconds(150))
        assert board.told["state"] == "up"
        assert len(board.entries(event="wifi")) == entries


def wait_uptime(board: Scene, more: float) -> None:
    """Wait until the board has run for so many seconds more."""

    def uptime() -> int:
        return board.phone.get("/status").json["uptime"]

    end = uptime() + more
    board.wait(lambda: uptime() > end, "time to pass", LONG)


class TestTheAccessPoint:
    def test_always(self) -> None:
        with Scene(routers=[HOME], WIFI=WIFI, AP="always") as board:
            board.wait_state("up")
            assert board.phone.get("/status").json["ap"]["active"]

    def test_fallback_comes_when_nothing_answers_and_goes_when_not_needed(self) -> None:
        with Scene(routers=[], WIFI=WIFI, AP="fallback") as board:
            board.wait(lambda: board.control(wifi=None)["wifi"]["ap"], "the access point")
            board.wait_state("not found")
            phone = [["5a:00:00:00:00:01", "192.168.4.100"]]
            board.control(ap_stations=phone, routers=[HOME])
            board.wait_state("up", "home")
            wait_uptime(board, seconds(90))
            board.control(ap_stations=[])
            board.wait(lambda: not board.control(wifi=None)["wifi"]["ap"], "the end of it")
            assert board.client.get("/status").json["ap"]["active"] is False

    def test_fallback_is_not_there_while_the_station_is_up(self) -> None:
        with Scene(routers=[HOME], WIFI=WIFI, AP="fallback") as board:
            board.wait(lambda: board.lines[-1].endswith("station home at 192.168.1.50"), "link")
            assert not any(entry["ap"] for entry in board.entries(event="wifi")[2:])

    def test_never(self) -> None:
        with Scene(routers=[], WIFI=WIFI, AP="never") as board:
            board.wait(lambda: hunts(board) >= 2, "two rounds", LONG)
            assert board.control(wifi=None)["wifi"]["ap"] is None
