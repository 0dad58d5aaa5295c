"""The table of the supervisor's scenarios, printed after the tests."""

from dataclasses import dataclass

import pytest


@dataclass
class Outcome:
    """One row: what happened, what the supervisor did about it, and what the phone saw."""

    scenario: str
    station: list[str]
    saves: int
    answered: int
    slowest: float


_outcomes: list[Outcome] = []


@pytest.fixture
def note_outcome() -> "type[Outcome]":
    """Call it with a row's fields."""

    def note(*fields: object) -> None:
        _outcomes.append(Outcome(*fields))  # type: ignore[arg-type]

    return note  # type: ignore[return-value]


def _shown(states: list[str]) -> str:
    """The states in order, in one cell; a long row by its ends."""
    if len(states) > 9:
        states = [*states[:4], f"... {len(states) - 8} more ...", *states[-4:]]
    return ", ".join(states)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _outcomes:
        return
    terminalreporter.section("Wi-Fi: what the supervisor did, by the trace")
    terminalreporter.line("scenario | station | flash saves | phone: answers, slowest")
    for row in _outcomes:
        phone = f"{row.answered} answers, {row.slowest:.1f} s"
        terminalreporter.line(f"{row.scenario} | {_shown(row.station)} | {row.saves} | {phone}")
