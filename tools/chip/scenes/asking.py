"""Scenes of one request: what is asked, and the status that must come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.chip.scenes.stage import Scene, Stage, expect

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HTML = {"Accept": "text/html,application/xhtml+xml"}
HOST = b"Host: 192.168.4.1\r\n"


@dataclass(frozen=True)
class Ask:
    """`request` is "METHOD target", or the bytes of a whole one."""

    request: str | bytes
    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    by: str = "ap"
    note: str = ""

    @property
    def name(self) -> str:
        """Of the row: what is asked, cut where it is long, and what comes."""
        text = self.request if isinstance(self.request, str) else _first_line(self.request)
        short = text if len(text) <= 40 else f"{text[:30]}... ({len(text)} letters)"
        status = "" if self.status == 200 else f": {self.status}"
        return short + (f" {self.note}" if self.note else "") + status

    def __call__(self, stage: Stage) -> None:
        if isinstance(self.request, str):
            answer = stage.ask(self.request, self.body, self.headers, self.by)
        else:
            answer = stage.send(self.request, self.by)
        expect(answer.status, self.status, self.name)


def _first_line(request: bytes) -> str:
    return repr(request.split(b"\r\n")[0])[2:-1]


def scenes(*asked: Ask) -> list[Scene]:
    return [Scene(ask.name, ask) for ask in asked]
