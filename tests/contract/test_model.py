"""Random sequences of requests against a model of the pins: answers, levels and timers agree."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.rows import assert_part
from tests.support.boards import Board, board_with
from tests.support.http import Answer

MAX_ON = 100  # seconds, of the pump
FULL = 1023  # PWM duty
SHORT = 0.02  # seconds: `for=` that is waited for
NUMBERS = {"up": 4, "down": 5, "lamp": 12, "pump": 13, "fan": 14, "glow": 15}
GROUP = ("up", "down")
ACTIVE_LOW = ("lamp", "glow")
PWM = ("fan", "glow")

board = board_with(
    PINS=[
        {"pin": 4, "mode": "out", "name": "up", "group": "motor"},
        {"pin": 5, "mode": "out", "name": "down", "group": "motor"},
        {"pin": 12, "mode": "out", "name": "lamp", "active_low": True},
        {"pin": 13, "mode": "out", "name": "pump", "max_on": MAX_ON},
        {"pin": 14, "mode": "pwm", "name": "fan"},
        {"pin": 15, "mode": "pwm", "name": "glow", "active_low": True},
    ]
)


@dataclass
class Model:
    """What the contract says of these pins, in as few words as it takes."""

    on: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(NUMBERS, False))
    timed: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(NUMBERS, False))
    duty: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PWM, 0))

    def rival_is_on(self, name: str) -> bool:
        return name in GROUP and any(self.on[other] for other in GROUP if other != name)

    def switch(self, method: str, name: str, state: str, seconds: float | None) -> int:
        """Do it, or change nothing; answers the status."""
        if state == "toggle" and method == "GET":
            return 405
        on = not self.on[name] if state == "toggle" else state == "on"
        if seconds is not None and (name in PWM or (name == "pump" and seconds > MAX_ON)):
            return 400
        if on and self.rival_is_on(name):
            return 409
        self.set(name, on, seconds is not None)
        return 200

    def set(self, name: str, on: bool, timed: bool) -> None:
        self.on[name] = on
        self.timed[name] = timed or (on and name == "pump")
        if name in PWM:
            self.duty[name] = FULL if on else 0

    def dim(self, name: str, duty: int) -> int:
        if name not in PWM:
            return 409
        self.duty[name] = duty
        self.on[name] = duty > 0
        return 200

    def end(self, name: str) -> None:
        """The time of a timed state is over: back to the other, but never beside a rival."""
        self.set(name, not self.on[name] and not self.rival_is_on(name), False)

    def shown(self, name: str) -> dict[str, Any]:
        """Part of what each answer about the pin says."""
        part = {"pin": NUMBERS[name], "name": name, "state": "on" if self.on[name] else "off"}
        return part | ({"duty": self.duty[name]} if name in PWM else {})

    def level(self, name: str) -> tuple[int | None, int | None]:
        """(level, PWM duty) at the pad; a pin never dimmed is no PWM pin yet."""
        if name not in PWM:
            return int(self.on[name] != (name in ACTIVE_LOW)), None
        duty = FULL - self.duty[name] if name in ACTIVE_LOW else self.duty[name]
        return {0: 0, FULL: 1}.get(duty), duty


NAMES = st.sampled_from([*NUMBERS, *GROUP, *GROUP])  # what excludes each other, more often
METHODS = st.sampled_from(["GET", "PUT", "POST"])
STATES = st.sampled_from(["on", "off", "toggle"])
SECONDS = st.sampled_from([None, None, 50, 200, SHORT])
DUTIES = st.integers(0, FULL)
STEPS = st.one_of(
    st.tuples(st.just("switch"), METHODS, NAMES, STATES, SECONDS),
    st.tuples(st.just("dim"), METHODS, st.sampled_from([*PWM, "up"]), DUTIES),
)


def ask(board: Board, method: str, name: str, **wanted: object) -> Answer:
    """The same wish by any of the three ways."""
    if method == "PUT":
        return board.client.put(f"/pins/{name}", wanted)
    query = "&".join(f"{key}={value}" for key, value in {"pin": name, **wanted}.items())
    return board.client.get(f"/?{query}") if method == "GET" else board.client.post("/", query)


def take(board: Board, model: Model, step: tuple[Any, ...]) -> None:
    """One step on the board and in the model."""
    kind, method, name, *rest = step
    if kind == "dim":
        answer = ask(board, method, name, duty=rest[0])
        status = model.dim(name, rest[0])
    else:
        state, seconds = rest
        wanted = {"state": state} | ({"for": seconds} if seconds else {})
        answer = ask(board, method, name, **wanted)
        status = model.switch(method, name, state, seconds)
    assert answer.status == status, (step, answer)
    if status == 200:
        assert_part(answer.json, model.shown(name))
        assert ("remaining" in answer.json) == model.timed[name]
        if kind == "switch" and rest[1] == SHORT:
            model.end(name)
            wait_for_end(board, name, model)


def wait_for_end(board: Board, name: str, model: Model) -> None:
    """Both the state and the timing: a pin that must not come back on stays as it is."""

    def ended() -> bool:
        told = board.client.get(f"/?pin={name}").json
        return model.shown(name).items() <= told.items() and (
            ("remaining" in told) == model.timed[name]
        )

    board.wait(ended, f"the end of {name}'s time")


def start_afresh(board: Board) -> None:
    for name in NUMBERS:
        assert board.client.get(f"/?pin={name}&state=off").status == 200


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking would wait for each pulse that does not end as it should
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=10, max_size=30))
def test_any_sequence_of_requests(board: Board, steps: list[tuple[Any, ...]]) -> None:
    start_afresh(board)
    model = Model()
    for step in steps:
        take(board, model, step)
    for pin in board.client.get("/pins").json["pins"]:
        assert_part(pin, model.shown(pin["name"]))
        assert ("remaining" in pin) == model.timed[pin["name"]]
    pads = board.pads()
    for name, number in NUMBERS.items():
        pad = pads[str(number)]
        assert (pad["level"], pad["duty"]) == model.level(name), name


def test_the_group_was_never_on_together(board: Board) -> None:
    """In the trace of all those sequences, not for a millisecond."""
    levels = {4: 0, 5: 0}
    for entry in board.changes(4, 5):
        levels[entry["pin"]] = entry["level"]
        assert sum(levels.values()) <= 1, entry
