"""The table of rules counts what pytest ran."""

from pathlib import Path

from tools import rules

_TESTS = '''"""About doors. And more."""
import pytest

@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_door_opens(n):
    """Each | of them."""
    assert n < 3

def test_a_door_shuts():
    pass
'''


def test_each_rule_has_its_cases(tmp_path: Path) -> None:
    (tmp_path / "test_doors.py").write_text(_TESTS)
    found, _ = rules.count(str(tmp_path))
    assert rules.table(found) == (
        "\n## About doors. And more\n\n| rule | passed | of |\n|---|---:|---:|\n"
        "| a door opens. Each \\| of them. | 2 | 3 |\n"
        "| a door shuts | 1 | 1 |\n\n2 rules, 4 cases, 3 passed.\n"
    )
