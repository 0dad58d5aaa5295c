"""Requests and what they answer, as rows of a table."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.boards import Board, RealBoard
from tests.support.http import Answer, Client

_AT_ONCE = 4  # of the chip's five connections


@dataclass(frozen=True)
class Row:
    """`request` is "METHOD target"; `part` must be among the members of the JSON object.

    For an error (status 400 and up) `part` is of its error object.
    """

    request: str
    status: int
    part: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        body = (self.body or b"")[:30].decode("latin-1")
        return f"{self.request[:50]} {body}".strip()

    def ask(self, client: Client) -> Answer:
        method, target = self.request.split(" ", 1)
        return client.ask(method, target, self.body, self.headers)

    def check(self, client: Client) -> Answer:
        answer = self.ask(client)
        assert answer.status == self.status, answer
        if self.request.startswith("HEAD "):
            return answer
        if self.status >= 400:
            assert_part(answer.error, self.part)
            assert set(answer.error) <= {"code", "message", "param", "allowed"}
            assert answer.error["message"]
        elif self.part:
            assert_part(answer.json, self.part)
        return answer


def assert_part(whole: Mapping[str, Any], part: Mapping[str, Any]) -> None:
    """Each member of `part` is in `whole`, with the same value."""
    assert {key: whole.get(key) for key in part} == dict(part)


def error(code: str, param: str | None = None, allowed: list[Any] | None = None) -> dict[str, Any]:
    """The part of an error object; what is None here must not be there."""
    return {"code": code, "param": param, "allowed": allowed}


def table(*rows: Row) -> pytest.MarkDecorator:
    """A test that takes `row` runs once for each of them."""
    return pytest.mark.parametrize("row", rows, ids=str)


def assert_refused(board: Board | RealBoard, row: Row) -> None:
    """An error answers, and no pin has moved, were it for a moment."""
    with board.unmoved():
        row.check(board.client)


def ask_at_once(client: Client, rows: Iterable[Row]) -> list[Answer]:
    """Ask them side by side, as many as leave the board a place: for answers that take a second."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda row: row.ask(client), rows))


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
