"""Both Wi-Fi interfaces: the port's rules, and the air's moods."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.board.test_rules import Row, run_rows
from tests.support.loop import run
from tools import images
from tools.board.air import Air, Router
from tools.board.process import BLOCKS, BoardProcess
from tools.board.radio import Radio
from tools.board.settings import SettingsStore
from tools.board.station import (
    CONNECT_FAIL,
    CONNECTING,
    GOT_IP,
    IDLE,
    NO_AP_FOUND,
    OFF,
    WRONG_PASSWORD,
    Delays,
    Station,
)
from tools.board.trace import Trace

# network_wlan.c; the SDK's factory state: station off, the vendor's open access point on
OUT_OF_THE_BOX: list[Row] = [
    ("(sta.active(), ap.active())", "(False, True)"),
    ("(ap.config('essid'), ap.config('authmode'))", "('ESP_0A1B2C', 0)"),
    ("ap.ifconfig()[0]", "'192.168.4.1'"),
    ("sta.ifconfig()", "('0.0.0.0', '0.0.0.0', '0.0.0.0', '0.0.0.0')"),
    ("ap.config('mac').hex(), sta.config('mac').hex()", "('86f3eb0a1b2c', '84f3eb0a1b2c')"),
    ("network.hostname()", "'mpy-esp8266'"),
    ("(network.hostname('lamp'), network.hostname())[1]", "'lamp'"),
    ("network.hostname('x' * 33)", "ValueError: "),
    ("network.WLAN() is network.WLAN(0)", "True"),
    ("network.WLAN(2)", "ValueError: "),
]

STATION: list[Row] = [
    ("sta.status()", "255"),
    ("sta.scan()", "OSError: STA must be active"),
    ("sta.connect('net', 'password')", "OSError: Cannot set STA config"),
    ("sta.disconnect()", "OSError: Cannot disconnect from AP"),
    ("(sta.active(True), sta.active(), sta.status())", "(None, True, 0)"),
    ("(sta.connect('net', 'password'), sta.status())", "(None, 1)"),
    ("sta.isconnected()", "False"),
    ("sta.config('essid')", "'net'"),
    ("sta.config('pm') == sta.PM_PERFORMANCE", "True"),
    ("(sta.config(pm=sta.PM_NONE), sta.config('pm'))", "(None, 0)"),
    ("sta.config(essid='x')", "OSError: AP required"),
    ("sta.config(reconnects=3)", "ValueError: unknown config param"),
    ("sta.config('password')", "ValueError: unknown config param"),
    ("sta.config('mac', essid='x')", "TypeError: either pos or kw args are allowed"),
    ("sta.status('rssi')", "31"),
    ("sta.status('stations')", "ValueError: unknown status param"),
    ("ap.connect('net', 'password')", "OSError: STA required"),
    ("ap.scan()", "OSError: STA required"),
]

REFUSED = "OSError: can't set AP config"
ACCESS_POINT: list[Row] = [
    ("ap.config(essid='lamp', authmode=3, password='12345678')", "None"),
    ("(ap.config('ssid'), ap.config('security'))", "('lamp', 3)"),
    *((f"ap.config(authmode=4, password='{'x' * n}')", "None") for n in (8, 63, 64, 100)),
    *((f"ap.config(authmode=4, password='{'x' * n}')", REFUSED) for n in (0, 5, 7)),
    ("ap.config(authmode=0, password='')", "None"),
    ("ap.config(authmode=3)", REFUSED),
    ("ap.config(max_clients=2)", "ValueError: unknown config param"),
    ("ap.config(channel=11, hidden=True)", "None"),
    ("(ap.config('channel'), ap.config('hidden'))", "(11, True)"),
    ("ap.status()", "-1"),
    ("ap.status('stations')", "[]"),
    ("ap.isconnected()", "False"),
    ("ap.ifconfig(('10.0.0.1', '255.255.255.0', '10.0.0.1', '0.0.0.0'))", "None"),
    ("ap.ifconfig()[0]", "'10.0.0.1'"),
    ("ap.ipconfig('addr4')", "('10.0.0.1', '255.255.255.0')"),
    ("(ap.active(False), ap.active())", "(None, False)"),
    ("ap.config(essid='late', authmode=3, password='12345678')", REFUSED),
]


SSID_32 = "n" * 31 + "!"
# esp_config(): mp_obj_new_str_from_cstr((char *)cfg.sta.ssid), and the password lies behind it
STORED_SSID: list[Row] = [
    ("(sta.active(True), sta.config('ssid'))", "(None, '')"),
    (
        f"(sta.connect('{SSID_32}', 'secret pass'), sta.config('ssid'))[1]",
        f"'{SSID_32}secret pass'",
    ),
    (f"(sta.connect('{SSID_32}+', 'x' * 80), len(sta.config('essid')))[1]", "96"),
    ("len((sta.connect(bssid=b'123456'), sta.config('essid'))[1])", "0"),
    (
        f"(sta.connect('{SSID_32}', 'x' * 64, bssid=b'A23456'), sta.config('essid')[95:])[1]",
        "'x\\x01A23456'",
    ),
    (f"(sta.connect('{SSID_32}'), sta.config('essid'))[1]", f"'{SSID_32}'"),
    ("(sta.connect(b'a\\x00b'), sta.config('essid'))[1]", "'a'"),
    ("(sta.connect(b'caf\\xe9', 'password'), sta.config('essid'))[1]", "UnicodeError: "),
    ("(sta.connect('café', 'password'), sta.config('essid'))[1]", "'caf\\xe9'"),
]


@pytest.mark.parametrize(
    "rows",
    [OUT_OF_THE_BOX, STATION, ACCESS_POINT, STORED_SSID],
    ids=["factory", "station", "ap", "stored ssid"],
)
def test_rules(rows: list[Row]) -> None:
    run_rows(rows)


_QUICK = {"join": 0.02, "dhcp": 0.02, "sweep": 0.05, "rest": 0.02, "beacon": 0.05, "scan": 0.1}
_JOINER = b"""
import network, time
sta = network.WLAN(network.STA_IF)
sta.active(True)
sta.connect("home", "secret pass")
last = None
while True:
    now = (sta.status(), sta.isconnected(), sta.ifconfig()[0])
    if now != last:
        print("status", *now)
        last = now
    time.sleep_ms(5)
"""
_HOME = {"ssid": "home", "password": "secret pass", "channel": 9}


def change_mood(board: BoardProcess, mood: Mapping[str, object], line: str) -> None:
    """Have the air change, and wait for the program's next line of that beginning."""
    seen = len(board.lines)
    if mood:
        board.control(**mood)
    board.wait(lambda: any(s.startswith(line) for s in board.lines[seen:]), line)


def test_the_airs_moods_as_the_program_sees_them() -> None:
    with BoardProcess(files={"main.py": _JOINER}) as board:
        board.control(delays=_QUICK, routers=[_HOME])
        for mood, line in (
            ({}, "status 5 True 192.168.1.50"),
            ({"wifi": "lost"}, "status 3 False 0.0.0.0"),
            ({"wifi": "restored"}, "status 5 True 192.168.1.50"),
            ({"router": {"ssid": "home", "password": "another one", "present": False}}, "status 3"),
            ({"wifi": "restored"}, "status 2 False"),
            ({"router": {"ssid": "home", "password": "secret pass"}}, "status 5 True"),
            ({"wifi": "turned away"}, "status 4 False"),
            ({"wifi": "restored"}, "status 5 True"),
        ):
            change_mood(board, mood, line)
        assert board.entries(event="wifi", station="wrong password")


def test_a_silent_router_looks_joined_and_carries_nothing() -> None:
    with BoardProcess(files={"main.py": _JOINER}) as board:
        board.control(delays=_QUICK)
        board.wait_line("status 5")
        board.control(wifi="silent")
        assert board.control(wifi=None)["wifi"]["status"] == GOT_IP


def test_without_dhcp_the_status_stays_connecting() -> None:
    with BoardProcess(files={"main.py": _JOINER}) as board:
        board.control(delays=_QUICK, routers=[{**_HOME, "dhcp": False}])
        board.wait_line("status 1 False 0.0.0.0")
        board.control(router={"ssid": "home", "dhcp": True})
        board.wait_line("status 5 True 192.168.1.50")


def test_scan_blocks_and_lists_every_router() -> None:
    program = b"""
import network, time
sta = network.WLAN(0)
sta.active(True)
while not sta.scan(): pass
start = time.ticks_ms()
print(sta.scan())
print("took", time.ticks_diff(time.ticks_ms(), start) >= 100)
"""
    routers = [
        {"ssid": "B", "channel": 6, "rssi": -70, "password": "12345678", "bssid": "020000000001"},
        {"ssid": "A", "channel": 1, "rssi": -50, "bssid": "020000000002"},
        {"ssid": "C", "channel": 11, "hidden": True, "bssid": "020000000003"},
        {"ssid": "gone", "present": False},
    ]
    with BoardProcess(files={"main.py": program}) as board:
        board.control(delays=_QUICK, routers=routers)
        assert board.finish() == [
            "[(b'A', b'\\x02\\x00\\x00\\x00\\x00\\x02', 1, -50, 0, 0), "
            "(b'B', b'\\x02\\x00\\x00\\x00\\x00\\x01', 6, -70, 3, 0), "
            "(b'', b'\\x02\\x00\\x00\\x00\\x00\\x03', 11, -60, 0, 1)]",
            "took True",
        ]


def test_settings_last_over_power_off_and_are_written_only_when_they_differ(
    tmp_path: Path,
) -> None:
    program = b"""
import network
sta = network.WLAN(0); ap = network.WLAN(1)
print("found", sta.active(), sta.config("essid"), ap.config("essid"))
for _ in range(3):
    sta.active(True)
    ap.active(True)
    ap.config(essid="lamp", authmode=3, password="12345678")
    sta.connect("home", "12345678")
"""
    image = tmp_path / "flash.img"
    image.write_bytes(images.make_littlefs({"main.py": program}, BLOCKS))
    with BoardProcess("--image", str(image)) as board:
        board.wait_entry(event="idle")
        assert board.control(flash=None)["flash"]["settings"] == 3  # mode, station, access point
        board.control(power="cycle")
        board.wait_entry(event="idle", life=2)
        assert board.control(flash=None)["flash"]["settings"] == 3
        board.wait_entry(event="wifi", station="joined", life=2)
        assert board.wait_line("^found.*", 2) == ["found False  ESP_0A1B2C", "found True home lamp"]
    with BoardProcess("--image", str(image)) as board:
        board.wait_line("found True home lamp")


def test_a_soft_reset_leaves_the_radio_alone() -> None:
    with BoardProcess(files={"main.py": _JOINER}) as board:
        board.control(delays=_QUICK)
        board.wait_line("status 5")
        board.control(reset="soft")
        board.wait_entry(event="boot", life=2)
        board.control(reset="software")
        board.wait_entry(event="boot", life=3)
        assert board.wait_entry(event="wifi", life=3)["station"] != "joined"


def test_stations_of_the_access_point() -> None:
    program = b"""
import network
ap = network.WLAN(1)
while not ap.isconnected(): pass
print(ap.status("stations"))
"""
    with BoardProcess(files={"main.py": program}) as board:
        board.control(ap_stations=[["5a:00:00:00:00:01", "192.168.4.100"]])
        board.wait_line(r"\[\(b'Z\\x00\\x00\\x00\\x00\\x01', '192.168.4.100'\)\]")


def test_a_key_of_the_access_point_is_cut_to_63_bytes(tmp_path: Path) -> None:
    """network_wlan.c, esp_config(): MIN(len, sizeof(cfg.ap.password) - 1)."""
    program = b"""
import network
ap = network.WLAN(1)
ap.config(essid="lamp", authmode=3, password="0123456789" * 7)
"""
    image = tmp_path / "flash.img"
    image.write_bytes(images.make_littlefs({"main.py": program}, BLOCKS))
    with BoardProcess("--image", str(image)) as board:
        assert board.finish() == []
    stored = json.loads((tmp_path / "flash.img.wifi.json").read_text())
    assert stored["ap_key"] == ("0123456789" * 7)[:63]


class Clocked:
    """A station with no delays to speak of; statuses() lists what it went through."""

    def __init__(self, *routers: Router) -> None:
        self.air = Air()
        self.air.set_routers(list(routers))
        delays = Delays(*(0.001,) * 6)
        self.seen: list[int] = []
        self._noted = asyncio.Event()
        self.station = Station(self.air, delays, self._note)

    def _note(self) -> None:
        if not self.seen or self.seen[-1] != self.station.status:
            self.seen.append(self.station.status)
            self._noted.set()

    async def until(self, status: int) -> None:
        while self.station.status != status:
            self._noted.clear()
            await asyncio.wait_for(self._noted.wait(), 5)


@pytest.mark.parametrize(
    ("router", "status"),
    [
        (Router("home", "password"), GOT_IP),
        (Router("home", "other"), WRONG_PASSWORD),
        (Router("elsewhere"), NO_AP_FOUND),
        (Router("home", "password", accepts=False), CONNECT_FAIL),
    ],
    ids=["joined", "wrong password", "not found", "failed"],
)
def test_how_a_join_ends(router: Router, status: int) -> None:
    async def join() -> Clocked:
        world = Clocked(router)
        world.station.power(True)
        world.station.connect("home", "password", b"")
        assert world.station.status == CONNECTING
        await world.until(status)
        world.station.disconnect()
        assert world.station.status == IDLE
        world.station.power(False)
        return world

    assert run(join()).seen == [IDLE, CONNECTING, status, IDLE, OFF]


def test_the_strongest_of_one_name_is_joined_and_hunting_ends_when_it_appears() -> None:
    async def join() -> None:
        weak, strong = Router("home", rssi=-80), Router("home", rssi=-40, channel=3)
        world = Clocked(weak, strong)
        world.station.power(True)
        world.station.connect("home", "", b"")
        await world.until(GOT_IP)
        assert world.station.router is strong
        world.air.change_all({"present": False})
        world.station.air_changed()
        assert not world.station.up
        await world.until(NO_AP_FOUND)
        weak.present = True
        world.station.air_changed()
        await world.until(GOT_IP)
        assert world.station.router is weak
        world.station.power(False)

    run(join())


class Wire:
    """Stands for the relay: the address that the interface has for its clients, None when deaf."""

    address: str | None = None

    def rise(self, address: str) -> None:
        self.address = address

    def fall(self) -> None:
        self.address = None


async def turn(reached: Callable[[], bool]) -> None:
    """Let the event loop run until it is so."""
    for _ in range(10_000):
        if reached():
            return
        await asyncio.sleep(0.0001)
    raise TimeoutError


def test_who_hears_the_chip() -> None:
    async def play() -> list[tuple[str | None, str | None]]:
        radio = Radio(SettingsStore(None, "factory"), Trace())
        vars(radio.delays).update(vars(Delays(*(0.001,) * 6)))
        station, access_point = Wire(), Wire()
        radio.wires = {0: station, 1: access_point}
        heard = []

        def note() -> None:
            heard.append((station.address, access_point.address))

        radio.power_on()
        note()  # no station: its clients come by the access point
        radio.switch(0, True)
        note()
        radio.store.save(station_ssid="home")
        radio.reconnect()
        await turn(lambda: radio.station.up)
        note()
        radio.air.change_all({"silent": True})
        radio.station.air_changed()
        note()
        radio.air.change_all({"present": False})
        radio.station.air_changed()
        await turn(lambda: radio.station.sweeping)
        note()  # it hunts on other channels
        radio.power_off()
        note()
        return heard

    phone, home = "192.168.4.1", "192.168.1.50"
    assert run(play()) == [
        (phone, phone),
        (None, phone),
        (home, phone),
        (None, phone),
        (None, None),
        (None, None),
    ]
