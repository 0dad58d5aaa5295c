"""What reached the pin: the browser's own doings and other sites' tricks, in a real Chromium.

docs/api.md rests on this table; `pytest -s tests/browser_story` prints it.
"""

import json
from typing import Any

import pytest

from tests.browser_story.world import run_apart
from tools.api_examples import DOCUMENT

PATIENCE = 110  # seconds for the whole story
Key = tuple[str, bool, bool]  # the act, whether it tells where it comes from, CHANGE_BY_GET

# What cannot be told from a typed URL: docs/api.md says so, and that CHANGE_BY_GET = False helps.
REACH_THE_PIN = {
    ("open the URL", True),
    ("reload it", True),
    ("foreign frame", False),
    ("foreign fetch, no-cors", False),
    ("foreign form, GET", False),
    ("foreign link", False),
}
STATUS = {"own page prefetches": 503, "foreign prefetch": 503, "open with toggle": 405}
PREFLIGHT = 204  # the board's OPTIONS; the browser then does not send the PUT
ACTS = 4 + 2 * 10


@pytest.fixture(scope="module")
def told(built: None) -> dict[str, Any]:
    return json.loads(run_apart("tests.browser_story.story", PATIENCE))


@pytest.fixture
def rows(told: dict[str, Any]) -> dict[Key, dict[str, Any]]:
    return {(row["act"], row["referrer"], row["change_by_get"]): row for row in told["rows"]}


def line(row: dict[str, Any]) -> str:
    reached = "switched on" if row["pin"] else "-"
    silent = "" if row["referrer"] else ", no-referrer"
    return f"{row['act'] + silent:<37}{row['asked']:<46}{row['status'] or '-':>4}  {reached}"


def documented(row: dict[str, Any]) -> str:
    """The row as docs/api.md has it."""
    silent = "" if row["referrer"] else ", `no-referrer`"
    asked, reached = row["asked"].split(" ")[0], "**switched on**" if row["pin"] else "unmoved"
    return f"| {row['act']}{silent} | {asked} | {row['status']} | {reached} |"


def table(told: dict[str, Any]) -> str:
    where = "at 192.168.4.1 in a network namespace"
    if not told["namespace"]:
        where = "on mapped ports of 127.0.0.1: no namespace could be made here"
    lines = [f"Chromium {told['browser']}, the board {where}", ""]
    for by_get in (True, False):
        lines += [f"CHANGE_BY_GET = {by_get}"]
        lines += [line(row) for row in told["rows"] if row["change_by_get"] == by_get]
    return "\n".join(lines)


@pytest.mark.timeout(PATIENCE + 10)
def test_what_reached_the_pin(told: dict[str, Any], rows: dict[Key, dict[str, Any]]) -> None:
    print("\n" + table(told))
    reached = {key for key, row in rows.items() if row["pin"]}
    assert reached == {(*key, True) for key in REACH_THE_PIN}
    assert len([key for key in rows if key[2]]) == ACTS


def test_each_was_asked_and_answered(rows: dict[Key, dict[str, Any]]) -> None:
    """A browser that did not even ask would prove nothing about the board."""
    for (act, referrer, by_get), row in rows.items():
        wanted = STATUS.get(act, 403)
        if "PUT" in act:
            wanted = PREFLIGHT
        elif (act, referrer) in REACH_THE_PIN:
            wanted = 200 if by_get else 405
        assert row["status"] == wanted, row
        assert row["asked"], row


def test_a_reload_switches_no_further(rows: dict[Key, dict[str, Any]]) -> None:
    """Asked twice, moved once: `state=on` is not a toggle."""
    row = rows["reload it", True, True]
    assert row["asked"].count("GET ") == 2
    assert row["pin"] == [1]


def test_the_prefetch_says_that_it_is_one(rows: dict[Key, dict[str, Any]]) -> None:
    assert "sec-purpose: prefetch" in rows["own page prefetches", True, True]["said"]


def test_the_documentation_has_this_table(told: dict[str, Any]) -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert [
        row for row in told["rows"] if row["change_by_get"] and documented(row) not in lines
    ] == []
