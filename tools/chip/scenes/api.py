"""Each path of the API in each method, the page, what a password asks; errors: scenes/errors.py."""

from __future__ import annotations

import base64
import re
import time
from contextlib import ExitStack

from tools.chip.scenes import errors
from tools.chip.scenes.asking import FORM, HOST, HTML, JSON, Ask, scenes
from tools.chip.scenes.stage import Scene, Setting, Stage, Wrong, expect, read_answer

PINS = [
    {"pin": 2, "mode": "out", "name": "led", "active_low": True},
    {"pin": 4, "mode": "out", "boot": "last"},
    {"pin": 12, "mode": "pwm", "name": "lamp"},
    {"pin": 13, "mode": "out", "group": "pumps"},
    {"pin": 14, "mode": "out", "group": "pumps", "max_on": 60},
    {"pin": 0, "mode": "out", "read_only": True},
    {"pin": 5, "mode": "in", "pull": "up", "name": "button"},
    {"pin": "A0", "mode": "analog"},
]
PASSWORD = "open sesame"
BROWSERS = 5
_PULSES = 5
_ENDED = 15.0  # seconds, by which a pulse of 0.2 has ended if it ever will
_BROWSER = {
    **HTML,
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en-US,en;q=0.9",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0.0.0 Safari/537.36",
}


def _static_files(stage: Stage) -> None:
    """All that the page loads, as a browser does."""
    page = stage.get("/").decode()
    found = set(re.findall(r"/static/[0-9a-f]+/[\w.]+", page))
    expect(len(found) > 1, True, "the page's files")
    for path in sorted(found):
        answer = stage.ask(f"GET {path}", headers={"Accept-Encoding": "gzip"})
        expect(answer.status, 200, path)
        etag = re.findall(r"ETag: (\S+)", answer.head)[0]
        again = stage.ask(f"GET {path}", headers={"If-None-Match": etag})
        expect(again.status in (200, 304), True, f"{path} again")


def _browsers(stage: Stage) -> None:
    """Five at once: all places that the chip has are taken before any of them has its answer."""
    head = "".join(f"{name}: {text}\r\n" for name, text in _BROWSER.items()).encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(stage.connect()) for _ in range(BROWSERS)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.1\r\n" + HOST)
        for client in clients:
            client.sendall(head + b"\r\n")
        answers = [read_answer(client) for client in clients]
    heard = [answer.status for answer in answers if not stage.lacks(answer)]
    expect(heard, [200] * len(heard), "five browsers")


def _second(stage: Stage) -> None:
    """What happens each second, with nobody there."""
    stage.wait_clock(2200)


def _saving(stage: Stage) -> None:
    """The state of a pin with boot="last" goes to flash once it has rested for five seconds."""
    written = stage.control(flash=None)["flash"]["writes"]
    expect(stage.ask("GET /?pin=4&state=on").status, 200, "switching")
    stage.wait(lambda: stage.control(flash=None)["flash"]["writes"] > written, "the flash's write")


def _edges(stage: Stage) -> None:
    """Interrupts of a pin while the page is sent."""
    for _ in range(5):
        with stage.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
            for _ in range(20):
                stage.control(set_pin={"pin": 5, "level": 0})
                stage.control(set_pin={"pin": 5, "level": None})
            answer = read_answer(connection)
        if not stage.lacks(answer):
            expect(answer.status, 200, "the page")
    found = re.findall(rb'"edges": (\d+)', stage.get("/?pin=button"))
    if not found or int(found[0]) < 10:
        raise Wrong(f"edges: {found}")


def _pulses(
    request: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Scene:
    """Pulses end while this is asked again and again, somewhere else in it each time."""

    def act(stage: Stage) -> None:
        for number in range(_PULSES):
            expect(stage.ask("GET /?pin=2&state=off").status, 200, "switching off")
            before = len(stage.entries(pin=2))
            length = 0.2 if number == 0 else 0.02 + 0.007 * number
            answer = stage.ask(f"GET /?pin=2&state=on&for={length}")
            expect(answer.status, 200, "a pulse")
            begun = time.monotonic()
            while len(stage.entries(pin=2)) < before + 2:
                expect(stage.ask(request, body, headers).status, 200, request)
                expect(time.monotonic() - begun < _ENDED, True, "the pulse's end in time")

    return Scene(f"{request}, pulses ending", act)


def _restart(stage: Stage) -> None:
    expect(stage.ask("POST /restart", b"").status, 200, "POST /restart")


READING = scenes(
    Ask("GET /?pin=2"),
    Ask("GET /?pin=led"),
    Ask("GET /?pin=lamp"),
    Ask("GET /?pin=button"),
    Ask("GET /?pin=A0"),
    Ask("GET /pins"),
    *(Ask(f"GET /pins/{name}") for name in ("2", "lamp", "button", "A0", "%6C%65d")),
    Ask("GET /status"),
    Ask("GET /log"),
    Ask("GET /wifi"),
    Ask("GET /openapi.json"),
    Ask("GET /openapi.json", headers={"Accept-Encoding": "gzip"}, note="gzip"),
    *(Ask(f"HEAD {path}") for path in ("/", "/?pin=2&state=on", "/pins", "/pins/2", "/status")),
    *(Ask(f"HEAD {path}") for path in ("/log", "/wifi", "/openapi.json")),
    *(Ask(f"OPTIONS {path}", 204) for path in ("*", "/", "/pins/2", "/restart", "/wifi")),
)
CHANGING = scenes(
    Ask("GET /?pin=2&state=on"),
    Ask("GET /?pin=2&state=off"),
    Ask("GET /?pin=2&state=on", headers=_BROWSER, note="of a browser"),
    Ask("GET /?pin=2&state=on&for=60"),
    Ask("GET /?pin=14&state=on", note="of a group"),
    Ask("GET /?pin=lamp&duty=512&freq=500"),
    Ask("GET /?pin=lamp&state=off"),
    Ask("PUT /pins/2", body=b'{"state": "on"}', headers=JSON),
    Ask("PUT /pins/2", body=b'{"state": "on", "for": 60}', headers=JSON, note="timed"),
    Ask("PUT /pins/lamp", body=b'{"duty": 9, "freq": 100}', headers=JSON),
    Ask("PUT /pins/2", body=b'{"state": "\\u006ff\\u0066"}', headers=JSON, note="escaped"),
    Ask("POST /", body=b"pin=2&state=toggle", headers=FORM, note="toggle"),
    Ask("POST /", body=b"pin=2&state=on&for=60", headers=FORM, note="timed"),
    Ask("POST /?pin=2&state=off", body=b""),
    Ask("GET http://192.168.4.1/?pin=2&state=off", note="absolute"),
    Ask("GET /?pin=2", headers={"Host": "picopin.local"}, note="by name"),
    Ask("GET /?pin=2&state=on", headers={"Origin": "http://192.168.4.1"}, note="own Origin"),
)
PAGE = [
    *scenes(
        Ask("GET /", headers=_BROWSER, note="page"),
        Ask("GET /favicon.ico"),
        Ask("POST /", 303, b"pin=2&state=on", FORM | HTML, note="form of the page"),
        Ask("POST /", 303, b"pin=2&state=on&for=60", FORM | HTML, note="form, timed"),
        Ask("POST /", 303, b"pin=lamp&duty=5", FORM | HTML, note="form, dimmed"),
        Ask("POST /", 409, b"pin=button&state=on", FORM | HTML, note="form, refused"),
    ),
    Scene("the page's files", _static_files),
]
TIMED = [
    Scene("two seconds, nobody there", _second),
    _pulses("GET /?pin=2"),
    _pulses("GET /pins"),
    _pulses("GET /pins/2"),
    _pulses("PUT /pins/13", b'{"state": "off", "for": 60}', JSON),
    _pulses("GET /status"),
    _pulses("GET /log"),
    _pulses("GET /wifi"),
    _pulses("GET /"),
    _pulses("POST /wifi", b'{"scan": true}', JSON),
    Scene("an input's edges, page", _edges),
    Scene('saving a state, boot "last"', _saving),
    Scene("POST /restart", _restart, restarts=1),
]
PLAIN = Setting("pins", READING + CHANGING + PAGE + errors.SCENES + TIMED, {"PINS": PINS})


def _basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f":{password}".encode()).decode()}


_BEARER = {"Authorization": f"Bearer {PASSWORD}"}
CROWD = Setting(
    "five browsers",
    [Scene("five browsers at once", _browsers), Scene("and again", _browsers)],
    {"PINS": PINS},
)
LOCKED = Setting(
    "password",
    scenes(
        Ask("GET /?pin=2&state=on", headers=_basic(PASSWORD), note="Basic"),
        Ask("GET /?pin=2&state=on", headers=_BEARER, note="Bearer"),
        Ask("GET /?pin=2&state=on&token=open+sesame"),
        Ask("GET /?pin=2&state=on", 401),
        Ask("GET /?pin=2&state=on", 401, headers=_basic("wrong"), note="Basic"),
        Ask("GET /?pin=2&token=wrong", 401),
        Ask("GET /", headers=_BROWSER | _basic(PASSWORD), note="page, Basic"),
        Ask("GET /?token=open+sesame", headers=_BROWSER, note="page"),
        Ask("GET /pins?token=open+sesame"),
        Ask("GET /status", headers=_BEARER, note="Bearer"),
        Ask("GET /log", headers=_BEARER, note="Bearer"),
        Ask("GET /wifi", headers=_BEARER, note="Bearer"),
        Ask("PUT /pins/2", body=b'{"state": "on", "for": 60}', headers=JSON | _BEARER,
            note="timed, Bearer"),
        Ask("POST /?token=open+sesame", 303, b"pin=2&state=on&for=60", FORM | HTML, note="form"),
        Ask("POST /wifi", body=b'{"scan": true}', headers=JSON | _BEARER, note="Bearer"),
        Ask("POST /restart", 401, b""),
    ),
    {"PINS": PINS, "PASSWORD": PASSWORD},
)  # fmt: skip
