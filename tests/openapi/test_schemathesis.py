"""schemathesis asks the running board whatever its own /openapi.json lets it think of."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import schemathesis

from tests.support.boards import Board, board_with
from tests.support.http import Client

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")
PATIENCE = 100  # seconds
APART = "^/(restart|wifi)$"  # they would take the board away from the others
EVERY_KIND = [
    {"pin": 4, "mode": "out", "name": "up", "group": "motor"},
    {"pin": 5, "mode": "out", "name": "down", "group": "motor", "active_low": True},
    {"pin": 12, "mode": "pwm", "name": "fan"},
    {"pin": 13, "mode": "in", "name": "door", "pull": "up"},
    {"pin": 14, "mode": "out", "name": "pump", "max_on": 2},
    {"pin": 2, "mode": "out", "name": "led", "read_only": True},
    {"pin": "A0", "mode": "analog", "name": "light"},
]

kinds = board_with(PINS=EVERY_KIND, TOGGLE_BY_GET=True)


def run(board: Board, client: Client, *options: str) -> str:
    """The last lines of `schemathesis run`, which must have found nothing."""
    command = [SCHEMATHESIS, "--config-file", CONFIG, "run", f"{client.url}openapi.json"]
    done = subprocess.run(
        [*command, *options],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=board.folder,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    closing = done.stdout[done.stdout.rindex("SUMMARY") :]
    print(closing)
    return closing


def assert_unharmed(board: Board) -> None:
    """Whatever was asked, nothing was a fault of the board, and it is at rest."""
    counters = board.counters()
    assert (counters["faults"], counters["no_memory"], counters["open"]) == (0, 0, 1)
    assert board.life == 1


@pytest.mark.timeout(PATIENCE + 20)
def test_of_a_board_as_shipped(shipped: Board) -> None:
    closing = run(shipped, shipped.client, "--exclude-path-regex", APART)
    assert "No issues found" in closing
    found = re.search(r"(\d+) generated, \1 passed", closing)
    assert found and int(found[1]) > 500
    assert_unharmed(shipped)


@pytest.mark.timeout(PATIENCE + 20)
def test_of_a_board_with_every_kind_of_pin(kinds: Board) -> None:
    """Valid requests are refused by policy here (`max_on`, `for` on PWM), so no check of that."""
    options = ["--phases", "examples,fuzzing"]  # the others do not depend on the pins
    options += ["--exclude-path-regex", APART, "--exclude-checks", "positive_data_acceptance"]
    assert "No issues found" in run(kinds, kinds.client, *options)
    assert_unharmed(kinds)


def test_of_wifi(built: None) -> None:
    """From the board's own network, which alone may set it up; a scan is quick here."""
    with Board(PINS=EVERY_KIND) as board:
        board.control(delays={"scan": 0.01, "join": 0.01, "dhcp": 0.01})
        assert "No issues found" in run(board, board.phone, "--include-path", "/wifi")
        assert_unharmed(board)


def test_of_restart(built: None) -> None:
    """By hand: its answer as documented, and then the board is back."""
    with Board(PINS=EVERY_KIND) as board:
        schema = schemathesis.openapi.from_url(f"{board.client.url}openapi.json")
        schema["/restart"]["POST"].Case(method="POST").call_and_validate()
        board.wait_serving(2)
        assert board.client.get("/status").json["reset"] == "restart"
