"""An HTTP client that hides nothing: one request, one connection, every byte of the answer.

The framing that the contract promises for every answer is checked in `read_answer`, so that each
test that asks anything checks it too.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 15.0  # seconds that an answer may take
_MOST = 65536  # bytes of an answer: far more than the board's longest


class BadAnswer(AssertionError):
    """The board's answer breaks a rule of HTTP or of the contract."""


@dataclass(frozen=True)
class Answer:
    """Status line, headers in order as (name, value), body."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, by any spelling of its name; None where there is none."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        if len(values) > 1:
            raise BadAnswer(f"{name} comes {len(values)} times")
        return values[0] if values else None

    @property
    def json(self) -> Any:
        if self.header("Content-Type") != "application/json":
            raise BadAnswer(f"not JSON but {self.header('Content-Type')}: {self.body[:80]!r}")
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """What stands in the contract's error object, which must be all there is."""
        if list(self.json) != ["error"]:
            raise BadAnswer(f"not an error object: {self.json}")
        return self.json["error"]

    @property
    def allow(self) -> set[str]:
        """The methods of the Allow header."""
        return set((self.header("Allow") or "").split(", ")) - {""}


@dataclass(frozen=True)
class Client:
    """Where to ask, and the headers that every request brings."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, PATIENCE)

    def send(self, request: bytes, method: str = "GET") -> Answer:
        """Send these bytes as they are; `method` tells whether the answer may have a body."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection, method)

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A plain request. A header given as "" is left out, Host for example."""
        host = self.url.removeprefix("http://").rstrip("/")
        wanted = {"Host": host, **self.headers}
        if body is not None:
            wanted["Content-Length"] = str(len(body))
        wanted |= headers or {}
        lines = [f"{method} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in wanted.items() if value]
        return self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""), method)

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", target, headers=headers)

    def put(self, target: str, value: object) -> Answer:
        """PUT something as JSON."""
        body = json.dumps(value).encode()
        return self.ask("PUT", target, body, {"Content-Type": "application/json"})

    def post(self, target: str, form: str = "") -> Answer:
        """POST a form, already encoded."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", target, form.encode(), kind if form else None)

    def asking(self, **headers: str) -> "Client":
        """The same with further headers: `sec_purpose="prefetch"`."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return Client(self.url, {**self.headers, **named})


def read_answer(connection: socket.socket, method: str = "GET") -> Answer:
    """Read to the end of the connection, which the board closes after every answer."""
    received = b""
    while part := connection.recv(_MOST):
        received += part
        if len(received) > _MOST:
            raise BadAnswer("the answer does not end")
    return parse_answer(received, method)


def parse_answer(received: bytes, method: str = "GET") -> Answer:
    """The answer in these bytes, checked against RFC 9112 and the contract."""
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        raise BadAnswer(f"no whole answer: {received[:200]!r}")
    status_line, *lines = head.decode("ascii").split("\r\n")
    version, status, reason = status_line.split(" ", 2)
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    answer = Answer(int(status), reason, headers, body)
    if version != "HTTP/1.1" or len(status) != 3 or not reason:
        raise BadAnswer(f"bad status line: {status_line}")
    _check_framing(answer, method)
    return answer


def _check_framing(answer: Answer, method: str) -> None:
    if answer.header("Connection") != "close":
        raise BadAnswer("no Connection: close")
    length = answer.header("Content-Length")
    if answer.status == 204:  # RFC 9110, 8.6: no length, and no body either
        expected = None
    elif length is None or not length.isdigit():
        raise BadAnswer(f"no Content-Length: {answer.headers}")
    else:
        expected = length
    bodiless = method == "HEAD" or expected is None or answer.status == 304
    if len(answer.body) != (0 if bodiless else int(expected or 0)):
        raise BadAnswer(f"Content-Length {length}, and {len(answer.body)} bytes came")
    if answer.status >= 400 and answer.header("Cache-Control") != "no-store":
        raise BadAnswer("an error without Cache-Control: no-store")
