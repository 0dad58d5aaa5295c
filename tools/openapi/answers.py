"""What the board answers, as JSON schemas; named in components/schemas by the keys of ANSWERS."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def whole(description: str, **more: Any) -> Schema:
    return {"type": "integer", "description": description, **more}


def number(description: str, **more: Any) -> Schema:
    return {"type": "number", "description": description, **more}


def yes_no(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def word(description: str, *values: str) -> Schema:
    return {"type": "string", "description": description, "enum": list(values)}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def listed(items: Schema, description: str) -> Schema:
    return {"type": "array", "description": description, "items": items}


def members(properties: dict[str, Schema], *optional: str, **more: Any) -> Schema:
    """An object that has all of these members but the optional ones, and no other."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **more,
    }


def reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_STATE = word("Logical: `on` lights an active-low LED.", "on", "off")
_PIN: dict[str, Schema] = {
    "pin": {"description": "GPIO number, or `A0`.", "type": ["integer", "string"], "examples": [2]},
    "name": text("From config.py, else what is printed on the board.", examples=["led"]),
    "state": _STATE,
    "remaining": number("Seconds until a timed state ends.", minimum=0),
    "duty": whole("PWM: share of the time that it is on, in 1023rds.", minimum=0, maximum=1023),
    "freq": whole("PWM: Hz; the chip has one frequency for all pins.", minimum=1, maximum=1000),
    "edges": whole("Input: changes counted since the start.", minimum=0),
    "value": whole("A0: what the converter reads.", minimum=0, maximum=1024),
    "volts": number("A0: the voltage, by `full_scale` of config.py.", minimum=0),
}
_NOT_ALWAYS = ("state", "remaining", "duty", "freq", "edges", "value", "volts")
_PIN_INFO: dict[str, Schema] = {
    **_PIN,
    "mode": word("What config.py makes of it.", "out", "pwm", "in", "analog"),
    "can": listed(
        word("", "read", "on", "off", "toggle", "for", "duty"), "What may be asked of it."
    ),
    "board": or_null(text("What is printed on the board.", examples=["D4"])),
    "active_low": yes_no("`on` is 0 V."),
    "max_on": or_null(number("Seconds after which it goes off by itself.", exclusiveMinimum=0)),
    "group": or_null(text("Of the pins of one group only one is ever on.")),
}
_NOT_OF_ALL_MODES = (*_NOT_ALWAYS, "board", "active_low", "max_on", "group")

_COUNT = {"minimum": 0}
_REQUESTS = {
    "served": whole("Answered.", **_COUNT),
    "refused": whole("Answered with an error that is not the board's fault.", **_COUNT),
    "timed_out": whole("Cut off because a deadline had passed.", **_COUNT),
    "faults": whole("Faults of the firmware: each is in /log.", **_COUNT),
    "no_memory": whole("Turned away because memory lacked.", **_COUNT),
    "open": whole("Connections that are open now, this one included.", minimum=1, maximum=5),
    "relistened": whole("How often the listener had to be started again.", **_COUNT),
}
_WHY = ("wrong password", "not found", "no address", "failed")  # a network cannot be joined
_STATION = {
    "state": word(
        "In its owner's network; or why the last try to join failed.",
        *("idle", "joining", "up", "lost", *_WHY),
    ),
    "ssid": text("The network that it joins; empty: none."),
    "address": text("0.0.0.0 where it has none.", examples=["192.168.1.50"]),
}
_ACCESS_POINT = {
    "active": yes_no("Whether the board's own network is on."),
    "ssid": text("Its name."),
    "address": text("The board's address in it.", examples=["192.168.4.1"]),
}
_HEAP = {
    "free": whole("Bytes free after a collection.", **_COUNT),
    "lowest": whole("The least that this ever was, looked at every ten seconds.", **_COUNT),
}
_STATUS = {
    "version": text("Picopin's.", examples=["1.0.0"]),
    "uptime": whole("Seconds since the start.", minimum=-1),
    "reset": word(
        "Why the board started.",
        *("power on", "hardware watchdog", "exception", "software watchdog", "restart", "wake"),
        *("reset button", "main.py failed", "no sign of life", "out of memory"),
    ),
    "heap": members(_HEAP),
    "requests": members(_REQUESTS),
    "station": members(_STATION),
    "ap": members(_ACCESS_POINT),
    "config": listed(text(""), "What is wrong in config.py."),
    "trouble": or_null(text("Why the board is in safe mode, with the last traceback.")),
}
_ASKED = {
    "ssid": text("The network that somebody asked for last."),
    "outcome": word("What became of it.", "joining", "up", *_WHY),
}
_KNOWN = {
    "ssid": text("A network that the board may join."),
    "saved": yes_no("Entered by POST /wifi; else it is one of config.py."),
    "trouble": or_null(word("Why it cannot be used though it is there.", *_WHY, "no answer")),
}
_NEAR = {
    "ssid": text("Its name."),
    "rssi": whole("dBm.", minimum=-127, maximum=0),
    "channel": whole("1 to 14.", minimum=1, maximum=14),
    "open": yes_no("It wants no password."),
}
_WIFI = {
    **_STATION,
    "asked": or_null(members(_ASKED)),
    "known": listed(members(_KNOWN), "In the order in which they are tried, but for strength."),
    "scanning": yes_no("A scan will come as soon as no request is being answered."),
    "age": or_null(whole("Seconds since the last scan.", **_COUNT)),
    "networks": listed(members(_NEAR), "Those of the last scan, the strongest first."),
}

ANSWERS: dict[str, Schema] = {
    "Pin": members(_PIN, *_NOT_ALWAYS),
    "PinInfo": members(_PIN_INFO, *_NOT_OF_ALL_MODES),
    "Pins": members(
        {
            "pins": listed(reference("PinInfo"), "Those of config.PINS, in its order."),
            "refused": listed(
                members({"pin": whole("GPIO number."), "reason": text("Why it is refused.")}),
                "All others of the chip.",
            ),
        }
    ),
    "Status": members(_STATUS),
    "Log": members({"lines": listed(text(""), "The last lines, oldest first.")}),
    "Wifi": members(_WIFI),
    "Restart": members({"restarting": {"const": True}}),
}
