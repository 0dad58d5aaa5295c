"""Every route of lib/picopin/api.py: what it takes, what it answers, which errors it may give.

The codes of errors are those of lib/picopin/static/errors.txt, which has their status and wording.
HEAD and OPTIONS are added to each path by document.py: they follow from what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tools.openapi.answers import Schema, members, number, reference, text, whole, word

# What any request may get: its form, its host, the password, time and memory.
COMMON = (
    *("bad_request_line", "bad_target", "bad_header", "bad_length", "no_host", "incomplete"),
    *("bad_encoding", "bad_query", "missing_value", "repeated", "unknown_parameter"),
    *("unauthorized", "foreign_host", "too_slow", "length_required", "body_too_large"),
    *("uri_too_long", "header_too_large", "fault", "bad_coding", "no_memory", "bad_version"),
)
# What no path of this document may get.
ELSEWHERE = ("not_http", "no_such_path", "method_not_allowed")

_FIND = ("bad_pin", "not_allowed", "no_such_pin")
_VALUES = ("missing", "bad_state", "bad_for", "bad_mix", "bad_number")
_POLICY = ("for_not_here", "for_too_long", "read_only", "interlocked", "not_an_output", "not_pwm")
_CHANGE = ("foreign_page", "prefetch")
_SWITCH = (*_FIND, *_VALUES, *_POLICY, *_CHANGE)


@dataclass(frozen=True)
class Operation:
    """One method of a path. `answers`: status to the response as OpenAPI has it."""

    name: str
    summary: str
    answers: dict[int, dict[str, Any]]
    errors: tuple[str, ...] = ()
    parameters: tuple[Schema, ...] = ()
    body: dict[str, Any] | None = None
    description: str = ""
    html_errors: bool = False  # in place of JSON, where the client prefers HTML


@dataclass(frozen=True)
class Path:
    """`pattern`: the route as api.py has it, where it is a regular expression."""

    tag: str  # under which documents and clients group it
    methods: dict[str, Operation]
    pattern: str | None = None
    parameters: tuple[Schema, ...] = field(default=())


def answer(description: str, schema: str, example: object = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": reference(schema)}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


_HTML = {"schema": {"type": "string"}}

_PIN_NAME: Schema = {
    "anyOf": [
        whole("GPIO number.", minimum=0, maximum=16),
        text("`D4`, `A0`, or a name of config.py.", pattern="^[A-Za-z][A-Za-z0-9_-]{0,15}$"),
    ],
}
_STATE = word("`toggle` by POST and PUT.", "on", "off", "1", "0", "toggle")
_FOR = number(
    "Seconds; then back to the other state, whatever becomes of the client. At most the pin's "
    "`max_on`. Only with `state`.",
    minimum=0.01,
    maximum=86400,
)
_DUTY = whole("PWM, not together with `state`.", minimum=0, maximum=1023)
_FREQ = whole("Hz, of all PWM pins together.", minimum=1, maximum=1000)
_WANTED = {"state": _STATE, "for": _FOR, "duty": _DUTY, "freq": _FREQ}

# What a client may wish for, as JSON; named in components/schemas. Numbers may come as text too.
WISHES: dict[str, Schema] = {
    "Switch": members({"state": _STATE, "for": _FOR}, "for"),
    "Dim": members({"duty": _DUTY, "freq": _FREQ}, "duty", "freq", minProperties=1),
    "Join": members(
        {
            "ssid": text("The network to join, 1 to 32 bytes.", minLength=1, maxLength=32),
            "password": text("8 to 63 bytes; none for an open network.", maxLength=63),
        },
        "password",
    ),
    "Forget": members({"forget": text("A network that was entered here.")}),
    "Scan": members({"scan": {"anyOf": [{"const": True}, word("In forms.", "1", "true")]}}),
}


def _body(example: object, *wishes: str, form: bool = False) -> dict[str, Any]:
    content = {"schema": {"oneOf": [reference(name) for name in wishes]}}
    kinds = ["application/json", *(["application/x-www-form-urlencoded"] if form else [])]
    made: dict[str, Any] = dict.fromkeys(kinds, content)
    made["application/json"] = {**content, "example": example}
    return {"required": True, "content": made}


def _query(name: str, schema: Schema, example: object) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "example": example}


_LED = {"pin": 2, "name": "led", "state": "on"}
_DIMMED = {"pin": 12, "name": "lamp", "state": "on", "duty": 512, "freq": 1000}
_QUERY = (
    _query("pin", _PIN_NAME, "led"),
    {"name": "state", "in": "query", "schema": _STATE},
    {"name": "for", "in": "query", "schema": _FOR},
    {"name": "duty", "in": "query", "schema": _DUTY},
    {"name": "freq", "in": "query", "schema": _FREQ},
)
_FORM = {
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {"pin": _PIN_NAME, **_WANTED},
                "additionalProperties": False,
            },
            "example": {"pin": "led", "state": "toggle"},
        }
    }
}
_LOCATION = {"Location": {"schema": {"type": "string", "format": "uri-reference"}}}
_BACK = {
    "description": "Done, where the client prefers HTML: back to the page.",
    "headers": _LOCATION,
}
# Of any GET, by whatever name the board is called.
PORTAL = {
    "description": "To a phone in the board's own network that asked for another host: the page.",
    "headers": _LOCATION,
}

_WIFI_ERRORS = (
    *("not_from_here", "bad_wifi", "bad_ssid", "bad_wifi_password", "not_text"),
    *("wifi_full", "wifi_in_config", "no_such_network"),
)


_WIFI = ("Join", "Forget", "Scan")

PATHS: dict[str, Path] = {
    "/": Path(
        "pins",
        {
            "get": Operation(
                "switchByUrl",
                "Read or switch a pin; without parameters the control page",
                {
                    200: {
                        "description": "What the pin is now; or the page.",
                        "content": {
                            "application/json": {"schema": reference("Pin"), "example": _LED},
                            "text/html; charset=utf-8": _HTML,
                        },
                    }
                },
                (*_SWITCH, "toggle_by_get", "not_by_get"),
                _QUERY,
                description="With `pin` alone it is read. A request that would change a pin is "
                "refused where it comes from a foreign page or from a browser that only looks "
                "ahead, and always where config.CHANGE_BY_GET is False.",
            ),
            "post": Operation(
                "switchByForm",
                "The same with the parameters in a form, in the URL, or in both",
                {
                    200: answer("What the pin is now.", "Pin", _LED),
                    303: _BACK,
                },
                (*_SWITCH, "bad_type"),
                _QUERY,
                _FORM,
                html_errors=True,
            ),
        },
    ),
    "/pins": Path(
        "pins",
        {
            "get": Operation(
                "listPins",
                "Every pin of the policy: state, mode, what it may do; and why others may not",
                {200: answer("All pins of the chip.", "Pins")},
            )
        },
    ),
    "/pins/{pin}": Path(
        "pins",
        {
            "get": Operation(
                "readPin",
                "One pin: state, mode, what it may do",
                {200: answer("The pin.", "PinInfo")},
                _FIND,
            ),
            "put": Operation(
                "switchPin",
                "Switch a pin, or set its duty",
                {200: answer("What the pin is now.", "Pin", _DIMMED)},
                (*_SWITCH, "bad_json", "bad_type"),
                body=_body({"state": "on", "for": 5}, "Switch", "Dim"),
            ),
        },
        "^/pins/([^/]+)$",
        ({"name": "pin", "in": "path", "required": True, "schema": _PIN_NAME, "example": "led"},),
    ),
    "/status": Path(
        "board",
        {
            "get": Operation(
                "status",
                "Version, uptime, memory, requests, Wi-Fi",
                {200: answer("How the board is.", "Status")},
            )
        },
    ),
    "/log": Path(
        "board",
        {"get": Operation("log", "The last lines of the log", {200: answer("The log.", "Log")})},
    ),
    "/wifi": Path(
        "wifi",
        {
            "get": Operation(
                "networks",
                "Networks seen and known, and what became of the one that was asked for",
                {200: answer("By the last scan; nothing is scanned now.", "Wifi")},
            ),
            "post": Operation(
                "joinNetwork",
                "Save a network and join it, forget one, or look which there are",
                {200: answer("How things stand before it is done.", "Wifi"), 303: _BACK},
                (*_WIFI_ERRORS, *_CHANGE, "missing", "bad_json", "bad_type"),
                body=_body({"ssid": "home", "password": "a long secret"}, *_WIFI, form=True),
                description="From the board's own network, or where config.PASSWORD is set. "
                "A network that does not work does not cost the one that did.",
            ),
        },
    ),
    "/restart": Path(
        "board",
        {
            "post": Operation(
                "restart",
                "Restart the board, half a second after the answer",
                {200: answer("It is going to.", "Restart", {"restarting": True})},
                _CHANGE,
            )
        },
    ),
    "/openapi.json": Path(
        "board",
        {
            "get": Operation(
                "openapi",
                "This document",
                {
                    200: {
                        "description": "As gzip to clients that take it.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                },
            )
        },
    ),
}
