"""What a request may change, read from its bytes by a parser of our own: strict, and slow.

It shares nothing with the firmware. It answers for the board's config.py as shipped, by
GET and POST / and PUT /pins/N, with `pin`, `state` and `token` (no `for`, whose end would be a
change of its own); what it does not understand must change nothing.
"""

import json
import re
from urllib.parse import unquote_to_bytes, urlsplit

OUTPUTS = {2: "D4", 5: "D1", 4: "D2", 14: "D5", 12: "D6", 13: "D7", 10: "SD3"}
NAMES = {
    **{str(number): number for number in OUTPUTS},
    **{name: number for number, name in OUTPUTS.items()},
    "led": 2,
}
ACTIVE_LOW = {2}
STATES = {"on": True, "1": True, "off": False, "0": False}
MAX_LINE, MAX_HEAD, MAX_LINES, MAX_BODY = 512, 4096, 64, 512

_REQUEST_LINE = re.compile(rb"(GET|POST|PUT) ([^\s]+) HTTP/1\.([01])\r?")
_HOST = re.compile(r"(\d{1,3}(\.\d{1,3}){3}|localhost|picopin|\[[^]]*\])\.?(:\d*)?", re.IGNORECASE)
_LOCAL = re.compile(
    r"picopin\.(local|lan|home|home\.arpa|fritz\.box|localdomain)\.?(:\d*)?", re.IGNORECASE
)

Change = tuple[int, int]  # GPIO number, the level at the pin


class Invalid(Exception):
    """The request asks for nothing that may change a pin."""


def meaning(data: bytes) -> Change | None:
    """Which pin must be set to which level, or None where nothing may change."""
    try:
        return _meaning(data)
    except (Invalid, UnicodeDecodeError):
        return None


def _meaning(data: bytes) -> Change:
    lines, body = _split(data)
    found = _REQUEST_LINE.fullmatch(lines[0])
    if not found or len(lines[0]) > MAX_LINE:
        raise Invalid
    method, target, minor = found.groups()
    headers = _headers(lines[1:])
    path, query, authority = _target(target.decode())
    _check_host(headers, authority, minor)
    body = _body(headers, body)
    _check_source(method, headers)
    return _change(_asked(method, path, query, headers, body))


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Request line and header lines without their line feeds, and what comes after the blank."""
    if data[:2] == b"\r\n":
        data = data[2:]
    elif data[:1] == b"\n":
        data = data[1:]
    lines = []
    while True:
        line, feed, data = data.partition(b"\n")
        if not feed:
            raise Invalid
        if line in (b"", b"\r"):
            break
        lines.append(line)
    if not lines:
        raise Invalid
    return lines, data


def _headers(lines: list[bytes]) -> dict[str, list[str]]:
    if len(lines) > MAX_LINES or sum(len(line) + 1 for line in lines) > MAX_HEAD + 2:
        raise Invalid
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name[0] <= 32 or name[-1] <= 32:
            raise Invalid
        headers.setdefault(name.decode("latin-1").lower(), []).append(
            value.decode("latin-1").strip()
        )
    return headers


def _target(target: str) -> tuple[str, str, str | None]:
    """Path, query, and the host where the target names one."""
    authority = None
    if target[:7].lower() == "http://":
        authority, slash, rest = target[7:].partition("/")
        authority, mark, query = authority.partition("?")
        target = "/" + rest if slash and not mark else f"/?{query}{slash}{rest}"
    if target[:1] != "/":
        raise Invalid
    path, _, query = target.partition("?")
    return path, query, authority


def _check_host(headers: dict[str, list[str]], authority: str | None, minor: bytes) -> None:
    hosts = headers.get("host", [])
    if len(hosts) > 1 or (minor == b"1" and not hosts and not authority):
        raise Invalid
    for host in [authority] if authority else hosts:
        if host and not _HOST.fullmatch(host) and not _LOCAL.fullmatch(host):
            raise Invalid


def _body(headers: dict[str, list[str]], rest: bytes) -> bytes:
    lengths = headers.get("content-length", [])
    if "transfer-encoding" in headers or len(lengths) > 1:
        raise Invalid
    if not lengths:
        return b""
    if not re.fullmatch(r"[0-9]{1,9}", lengths[0]) or int(lengths[0]) > MAX_BODY:
        raise Invalid
    if len(rest) < int(lengths[0]):
        raise Invalid
    return rest[: int(lengths[0])]


def _check_source(method: bytes, headers: dict[str, list[str]]) -> None:
    """No other page, no image, no look ahead."""
    for name in ("sec-purpose", "purpose", "x-moz"):
        if "prefetch" in headers.get(name, [""])[-1].lower():
            raise Invalid
    sources = headers.get("origin") or headers.get("referer")
    if sources:
        named = urlsplit(sources[-1]).netloc.lower()
        if named != headers.get("host", [""])[-1].lower():
            raise Invalid
    if method == b"GET" and headers.get("accept", [""])[-1].lower().startswith("image/"):
        raise Invalid


def _asked(
    method: bytes, path: str, query: str, headers: dict[str, list[str]], body: bytes
) -> dict[str, str]:
    """The parameters, from wherever the method takes them."""
    kind = headers.get("content-type", [""])[-1].partition(";")[0].strip().lower()
    asked = _pairs(query)
    if method == b"PUT":
        found = re.fullmatch(r"/pins/([^/]+)", path)
        if not found or set(asked) - {"token"} or kind != "application/json":
            raise Invalid
        return {"pin": _decoded(found.group(1)), **_json(body)}
    if path != "/":
        raise Invalid
    if method == b"POST" and body:
        if kind != "application/x-www-form-urlencoded":
            raise Invalid
        form = _pairs(body.decode())
        if set(form) & set(asked):
            raise Invalid
        asked |= form
    if set(asked) - {"pin", "state", "token"}:
        raise Invalid
    return asked


def _json(body: bytes) -> dict[str, str]:
    try:
        asked = json.loads(body)
    except ValueError:
        raise Invalid from None
    if not isinstance(asked, dict) or set(asked) - {"state"}:
        raise Invalid
    return {name: value if isinstance(value, str) else repr(value) for name, value in asked.items()}


def _pairs(query: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for pair in query.split("&"):
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        name = _decoded(name)
        if not equals or not name or name in asked:
            raise Invalid
        asked[name] = _decoded(value)
    return asked


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise Invalid
    return unquote_to_bytes(text.replace("+", " ")).decode()


def _change(asked: dict[str, str]) -> Change:
    number = NAMES.get(asked.get("pin", ""))
    state = STATES.get(asked.get("state", ""))
    if number is None or state is None:
        raise Invalid
    return number, int(state != (number in ACTIVE_LOW))
