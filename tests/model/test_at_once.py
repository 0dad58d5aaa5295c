"""Several clients at once, each with a random sequence of requests, and pulses that end meanwhile.

tests/contract/test_model.py knows what one client must find; here nobody can know who comes first,
so the trace of the pins is held to what must be true in any order.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.boards import Board, Entry, board_with
from tests.support.http import Answer

CLIENTS = 3  # of the chip's five connections
MAX_ON = 0.15  # seconds, of the pump
LATE = 0.15  # seconds that a busy machine may be late
NUMBERS = {"up": 4, "down": 5, "stop": 12, "pump": 13, "sealed": 14}
GROUP = ("up", "down", "stop")
LOW = ("stop",)  # active-low

board = board_with(
    PINS=[
        {"pin": 4, "mode": "out", "name": "up", "group": "motor"},
        {"pin": 5, "mode": "out", "name": "down", "group": "motor", "max_on": 1},
        {"pin": 12, "mode": "out", "name": "stop", "group": "motor", "active_low": True},
        {"pin": 13, "mode": "out", "name": "pump", "max_on": MAX_ON},
        {"pin": 14, "mode": "out", "name": "sealed", "boot": "on", "read_only": True},
    ]
)

WISHES = st.fixed_dictionaries(
    {
        "name": st.sampled_from([*NUMBERS, *GROUP]),  # what excludes each other, more often
        "state": st.sampled_from(["on", "on", "off", "toggle"]),
        "for": st.sampled_from([None, 0.01, 0.03, 0.1]),
    }
)
SEQUENCES = st.lists(
    st.lists(WISHES, min_size=8, max_size=20), min_size=CLIENTS, max_size=CLIENTS
)  # one for each client


def ask(board: Board, wish: dict[str, Any]) -> Answer:
    wanted = {key: wish[key] for key in ("state", "for") if wish[key] is not None}
    return board.client.put(f"/pins/{wish['name']}", wanted)


def play(board: Board, wishes: list[dict[str, Any]]) -> None:
    """One client's part; each answer is one of those that policy has for such a wish."""
    for wish in wishes:
        answer = ask(board, wish)
        if wish["name"] == "sealed":
            assert (answer.status, answer.error["code"]) == (403, "read_only")
        elif answer.status == 409:
            assert answer.error["code"] == "interlocked"
            assert wish["name"] in GROUP
            assert wish["state"] != "off"
        else:
            assert answer.status == 200, answer
            check_told(answer.json, wish)


def check_told(told: dict[str, Any], wish: dict[str, Any]) -> None:
    assert told["pin"] == NUMBERS[wish["name"]]
    if wish["state"] != "toggle":
        assert told["state"] == wish["state"]
    if wish["for"] is not None:
        assert 0 <= told["remaining"] <= wish["for"]


def is_on(entry: Entry) -> bool:
    low = entry["pin"] in [NUMBERS[name] for name in LOW]
    return bool(entry["level"]) != low


def check_group(trace: list[Entry]) -> None:
    """No two of a group are ever on, not for an instant."""
    on = dict.fromkeys((NUMBERS[name] for name in GROUP), False)
    for entry in trace:
        if entry["pin"] in on:
            on[entry["pin"]] = is_on(entry)
            assert sum(on.values()) <= 1, entry


def check_stopped(trace: list[Entry]) -> None:
    """With no pulse left the pump is off: nothing gets it to stay on."""
    changes = [entry for entry in trace if entry["pin"] == NUMBERS["pump"]]
    assert not changes or not is_on(changes[-1])


def at_rest(board: Board) -> bool:
    return not any("remaining" in pin for pin in board.client.get("/pins").json["pins"])


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # what depends on who comes first cannot be shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sequences=SEQUENCES)
def test_whoever_comes_first(board: Board, sequences: list[list[dict[str, Any]]]) -> None:
    for name in GROUP:
        assert board.client.put(f"/pins/{name}", {"state": "off"}).status == 200
    seen = len(board.changes())
    with ThreadPoolExecutor(CLIENTS) as pool:
        for part in [pool.submit(play, board, wishes) for wishes in sequences]:
            part.result()
    board.wait(lambda: at_rest(board), "every pulse to end")
    trace = board.changes()[seen:]
    check_group(trace)
    check_stopped(trace)
    pads = board.pads()
    for pin in board.client.get("/pins").json["pins"]:
        low = pin["name"] in LOW
        assert bool(pads[str(pin["pin"])]["level"]) == ((pin["state"] == "on") != low)


def test_what_is_sealed_never_moved(board: Board) -> None:
    """Of all those sequences; its boot level is the one change there is."""
    assert board.levels(NUMBERS["sealed"]) == [1]


def test_a_pump_left_alone_stops_by_itself(board: Board) -> None:
    """However often it was asked for before."""
    board.client.put("/pins/pump", {"state": "on"})
    board.wait(lambda: at_rest(board), "the pump to stop")
    begin, end = board.changes(NUMBERS["pump"])[-2:]
    assert (begin["level"], end["level"]) == (1, 0)
    assert MAX_ON * 1000 - 2 <= end["ms"] - begin["ms"] <= (MAX_ON + LATE) * 1000
