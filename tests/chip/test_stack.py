"""How deep the chip's C stack goes in all that the firmware does: the scenes of tools/chip/scenes.

`python -m tools.chip stack` prints the same as a table, and writes known.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.board.process import BoardProcess
from tools.chip import build
from tools.chip.scenes import SETTINGS, Row, Setting, play
from tools.chip.stack import MOST, STACK, Names, where

# Rows that stand above MOST today, {setting: {scene: bytes}}: they may not grow, and go from here
# when they are mended.
KNOWN: dict[str, dict[str, int]] = json.loads((Path(__file__).parent / "known.json").read_text())
# How deep a callback finds the program is chance: such a row may take the whole stack, and no more.
_BY_CHANCE = ("pulses ending", "edges")
_STARVED = 3  # rows of a setting that may hear only 503: eight pins leave little heap today
_SLACK = 32  # bytes: a collection comes at another depth each time


def complaint(row: Row, known: int | None) -> str:
    """What is wrong with a row of which `known` bytes are granted, or nothing."""
    if row.trouble:
        return f"{row.scene}: {row.trouble}"
    if any(words in row.scene for words in _BY_CHANCE):
        return f"{row.scene}: {row.peak} bytes of stack, all it has" if row.peak > STACK else ""
    if known is None and row.peak > MOST:
        return f"{row.scene}: {row.peak} bytes of stack, {MOST} at most"
    if known is not None and row.peak > known + _SLACK:
        return f"{row.scene}: {row.peak} bytes of stack, {known} are known"
    if known is not None and row.peak <= MOST and not row.starved:
        return f"{row.scene}: {row.peak} bytes of stack: take it out of known.json"
    return ""


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_stack_is_not_exceeded(built: None, chip: build.Chip, setting: Setting) -> None:
    rows = list(play(setting))
    known = KNOWN.get(setting.name, {})
    complaints = [text for row in rows if (text := complaint(row, known.get(row.scene)))]
    gone = set(known) - {row.scene for row in rows}
    starved = [row.scene for row in rows if row.starved]
    assert not complaints, "\n".join(complaints)
    assert len(starved) <= _STARVED, "\n".join(starved)
    assert not gone, "known.json has rows that no scene measures"
    assert all(row.peak > 0 for row in rows)


def test_no_known_row_takes_the_whole_stack() -> None:
    assert set(KNOWN) <= {setting.name for setting in SETTINGS}
    figures = [bytes_ for rows in KNOWN.values() for bytes_ in rows.values()]
    assert all(MOST < bytes_ < STACK for bytes_ in figures)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_scene_has_a_name_of_its_own(setting: Setting) -> None:
    names = [scene.name for scene in setting.scenes]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("peak", "known", "trouble", "said"),
    [
        (MOST, None, "", ""),
        (MOST + 4, None, "", "6500 at most"),
        (7000, 7000, "", ""),
        (7032, 7000, "", ""),
        (7036, 7000, "", "7000 are known"),
        (MOST, 7000, "", "take it out"),
        (100, None, "maximum recursion depth", "maximum recursion depth"),
    ],
)
def test_what_is_complained_of(peak: int, known: int | None, trouble: str, said: str) -> None:
    told = complaint(Row("a scene", peak, None, None, [], trouble), known)
    assert said in told if said else not told


@pytest.mark.parametrize(("peak", "fits"), [(MOST, True), (STACK, True), (STACK + 4, False)])
def test_a_row_by_chance_may_take_the_stack_and_no_more(peak: int, fits: bool) -> None:
    row = Row("GET /pins, pulses ending", peak, None, None, [], "")
    assert bool(complaint(row, None)) != fits


def test_where_names_the_functions(tmp_path: Path) -> None:
    symbols = tmp_path / "symbols"
    lines = "00400000 T first\n00400100 t second.part.0\n00400200 T mp_call_x\n00500000 d data\n"
    symbols.write_text(lines)
    names = Names.read(symbols)
    calls = ["400104", "400100", "400204", "400108", "py:save", "40000c", "py:save", "py:run"]
    assert where(calls, names) == "second < save() < run()"


def test_a_python_function_that_goes_deep_is_seen(chip: build.Chip) -> None:
    """The high-water mark sees what is nested: about 288 bytes a call."""
    program = b"""
import micropython
def nested(n):
    return nested(n - 1) if n else 0
nested(%d)
print(micropython.stack_use())
"""
    peaks = []
    for depth in (4, 14):
        with BoardProcess("--cpu", "lx106", files={"main.py": program % depth}) as board:
            board.finish()
            peaks.append(board.entries(event="memory", of="main.py")[0]["stack"])
    assert 10 * 200 < peaks[1] - peaks[0] < 10 * 400
