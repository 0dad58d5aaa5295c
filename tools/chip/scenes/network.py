"""Wi-Fi: joining, setting it up, scans, what is lost; the captive portal and its name server."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable

from tools.board.process import PATIENCE
from tools.chip.scenes.api import PINS
from tools.chip.scenes.asking import FORM, HTML, JSON, Ask, scenes
from tools.chip.scenes.stage import Scene, Setting, Stage, Wrong, expect

HOME = {"ssid": "home", "password": "home password", "channel": 6, "rssi": -60}
SHED = {"ssid": "shed", "password": "shed password", "channel": 11, "rssi": -70}
_MANY = [
    {"ssid": f"network number {n:02} with a long name"[:32], "rssi": -70 - n} for n in range(10)
]
_DNS_TYPES = {"A": 1, "AAAA": 28, "HTTPS": 65}
_TRIES = 5  # of a name query: a packet may be lost, as any
_JOINS = 40.0  # seconds: a try takes up to 15, and up to 10 of deafness lie around it


def _wait_wifi(stage: Stage, found: Callable[[dict[str, object]], object], what: str) -> None:
    """Until GET /wifi tells what is waited for; a 503 says that memory lacks just now."""

    def look() -> object:
        answer = stage.ask("GET /wifi")
        if answer.status == 503:
            return False
        expect(answer.status, 200, "GET /wifi")
        return found(json.loads(answer.body))

    stage.wait(look, what, _JOINS)


def _joins(stage: Stage) -> None:
    """From the first try to a link that has held; seen by the radio and the console alone."""
    stage.control(routers=[HOME, SHED])
    stage.wait_line("INFO:picopin:station home at", 1)


def _asked(ssid: str, outcome: str) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        password = HOME["password"] if ssid == "home" else "shed password"
        if outcome == "wrong password":
            password = "not the right one"
        body = json.dumps({"ssid": ssid, "password": password}).encode()
        expect(stage.ask("POST /wifi", body, JSON).status, 200, "POST /wifi")
        wanted = {"ssid": ssid, "outcome": outcome}
        _wait_wifi(stage, lambda told: told["asked"] == wanted, f"{wanted}")

    return act


def _form(stage: Stage) -> None:
    answer = stage.ask("POST /", b"ssid=shed&password=shed+password", FORM | HTML)
    expect(answer.status, 303, "the page's form")
    _wait_wifi(stage, lambda told: told["asked"] == {"ssid": "shed", "outcome": "up"}, "up")


def _scan(stage: Stage) -> None:
    stage.control(routers=[HOME, SHED, *_MANY])
    scans = stage.control(wifi=None)["wifi"]["scans"]
    expect(stage.ask("POST /wifi", b'{"scan": true}', JSON).status, 200, "POST /wifi")
    stage.wait(lambda: stage.control(wifi=None)["wifi"]["scans"] > scans, "a scan", _JOINS)
    _wait_wifi(stage, lambda told: told["networks"], "what it found")


def _forget(stage: Stage) -> None:
    expect(stage.ask("POST /wifi", b'{"forget": "shed"}', JSON).status, 200, "POST /wifi")
    _wait_wifi(stage, lambda told: told["ssid"] == "home" and told["state"] == "up", "home again")


def _lost(stage: Stage) -> None:
    stage.control(wifi="lost")
    _wait_wifi(stage, lambda told: told["state"] == "lost", "the loss")
    stage.control(wifi="restored")
    _wait_wifi(stage, lambda told: told["state"] == "up", "the network again")


def _watched(stage: Stage) -> None:
    """A link that is up for half a minute: then the router is asked a name query."""
    _joins(stage)
    stage.wait_clock(34_000)


_MY_PAGE = {"Host": "anything.example"}
JOINED = Setting(
    "Wi-Fi",
    [
        Scene("joining a network", _joins),
        *scenes(
            Ask("GET /?pin=2&state=on", by="station", note="by the station"),
            Ask("GET /", by="station", headers=HTML, note="page, by the station"),
            Ask("GET /status", by="station", note="by the station"),
            Ask("GET /wifi", by="station", note="by the station"),
            Ask("GET /wifi", note="joined"),
            Ask("GET /?pin=2", 403, headers=_MY_PAGE, by="station", note="foreign Host, station"),
            Ask("POST /wifi", 403, b'{"scan": true}', JSON, by="station", note="by the station"),
            Ask("POST /wifi", 409, b'{"forget": "home"}', JSON, note="of config.py"),
        ),
        Scene("POST /wifi, a scan of 12 networks", _scan),
        Scene("GET /wifi after it", Ask("GET /wifi")),
        Scene("POST /wifi, another network: saved, joined", _asked("shed", "up")),
        Scene("POST /wifi, the same again", _asked("shed", "up")),
        Scene("POST /wifi, a wrong password", _asked("shed", "wrong password")),
        Scene("POST /wifi, forgetting", _forget),
        Scene("the page's form: a network saved, joined", _form),
        Scene("the network lost, and back", _lost),
    ],
    {"PINS": PINS, "WIFI": [("home", "home password")]},
    routers=[],
)
WATCHED = Setting(
    "Wi-Fi, half a minute",
    [Scene("a link that is up, the router asked", _watched)],
    {"PINS": PINS, "WIFI": [("home", "home password")]},
    routers=[],
)


def _query(name: str, kind: str) -> bytes:
    """RFC 1035, 4.1: an id, recursion desired, one question."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"Pp\1\0\0\1\0\0\0\0\0\0" + labels + bytes([0, 0, _DNS_TYPES[kind], 0, 1])


def _names(stage: Stage) -> None:
    port = int(stage.wait_line(r"^dns udp://127\.0\.0\.1:(\d+)/")[0])
    for name, kind in (("captive.apple.com", "A"), ("a.example", "AAAA"), ("b.example", "HTTPS")):
        if not _answered(port, _query(name, kind)):
            raise Wrong(f"no answer for {name} {kind}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        noise.sendto(b"\xff" * 511, ("127.0.0.1", port))
    expect(_answered(port, _query("still.example", "A")), True, "an answer after noise")


def _answered(port: int, query: bytes) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE / _TRIES)
        asking.connect(("127.0.0.1", port))
        for _ in range(_TRIES):
            asking.send(query)
            try:
                return asking.recv(512)[:2] == query[:2]
            except TimeoutError:
                continue
    return False


def _apple(stage: Stage) -> None:
    host = {"Host": "captive.apple.com"}
    answer = stage.ask("GET /hotspot-detect.html", None, host)
    expect(answer.status, 302, "the probe")
    expect(bool(re.search("Location: http://192.168.4.1/", answer.head)), True, "where it leads")


PORTAL = Setting(
    "portal",
    [
        Scene("name queries", _names),
        Scene("a phone's probe", _apple),
        *scenes(
            Ask("GET /any/page?x=%20", 302, headers=_MY_PAGE, note="foreign Host"),
            Ask("HEAD /", 302, headers=_MY_PAGE, note="foreign Host"),
            Ask("POST /", 403, b"pin=2&state=on", FORM | _MY_PAGE, note="foreign Host"),
            Ask("GET /generate_204", 302, note="by its address"),
        ),
        Scene("name queries again", _names),
    ],
    {"PINS": PINS},
    options=("--dns-port", "0"),
)
QUIET = Setting(
    "portal, quiet",
    scenes(
        Ask("GET /generate_204", 204, headers={"Host": "connectivitycheck.gstatic.com"}),
        Ask("GET /hotspot-detect.html", headers={"Host": "captive.apple.com"}),
    ),
    {"PINS": PINS, "CAPTIVE": "quiet"},
)
