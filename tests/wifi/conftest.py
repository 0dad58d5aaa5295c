"""The table of the supervisor's scenarios, printed after the tests."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest


@dataclass
class Outcome:
    """One row: what happened, what the supervisor did about it, and what the phone saw."""

    scenario: str
    station: list[str]
    saves: int
    answered: int
    slowest: float


_ROW = "supervisor"  # a test's property that is a row


@pytest.fixture
def note_outcome(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Call it with a row's fields; as a property it comes from whichever process runs the test."""
    return lambda *fields: record_property(_ROW, asdict(Outcome(*fields)))


def _shown(states: list[str]) -> str:
    """The states in order, in one cell; a long row by its ends."""
    if len(states) > 9:
        states = [*states[:4], f"... {len(states) - 8} more ...", *states[-4:]]
    return ", ".join(states)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    outcomes = [
        Outcome(**row)
        for report in passed
        for name, row in getattr(report, "user_properties", ())
        if name == _ROW and report.when == "call"
    ]
    if not outcomes:
        return
    terminalreporter.section("Wi-Fi: what the supervisor did, by the trace")
    terminalreporter.line("scenario | station | flash saves | phone: answers, slowest")
    for row in outcomes:
        phone = f"{row.answered} answers, {row.slowest:.1f} s"
        terminalreporter.line(f"{row.scenario} | {_shown(row.station)} | {row.saves} | {phone}")
