"""The table of rules: what tests/contract holds the firmware to, each with its number of cases.

`python -m tools.rules` runs those tests on the virtual board and prints the table;
`--write` puts it into docs/rules.md. A rule is a test function; its cases are its parameters.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/rules.md"
SUITE = "tests/contract"
_HEAD = f"""# The rules, and how many cases hold the firmware to each

Made by `python -m tools.rules --write` from a run of `{SUITE}`: every case asks the firmware on the
virtual board over HTTP, and what the pins did is read from the board's trace.
"""


@dataclass
class Rule:
    """One test function."""

    area: str  # what its file is about
    text: str
    outcomes: Counter[str] = field(default_factory=Counter)


class Counting:
    """A plugin of pytest that counts the outcomes of each test function."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if isinstance(item, pytest.Function):
                self.rules.setdefault(name(item.nodeid), Rule(area(item.module), words(item)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self.rules[name(report.nodeid)].outcomes[report.outcome] += 1


def name(nodeid: str) -> str:
    """Without the parameters."""
    return nodeid.partition("[")[0]


def area(module: object) -> str:
    return (inspect.getdoc(module) or str(module)).splitlines()[0].rstrip(".")


def words(item: pytest.Function) -> str:
    """test_a_foreign_page_may_read -> "a foreign page may read", and what its docstring adds."""
    text = item.function.__name__.removeprefix("test_").replace("_", " ")
    more = (inspect.getdoc(item.function) or "").split("\n\n")[0].replace("\n", " ").strip()
    return f"{text}. {more}" if more else text


def table(rules: list[Rule]) -> str:
    """Markdown: a heading an area, a row a rule, the sum at the end."""
    lines: list[str] = []
    for about in dict.fromkeys(rule.area for rule in rules):
        lines += ["", f"## {about}", "", "| rule | passed | of |", "|---|---:|---:|"]
        lines += [row(rule) for rule in rules if rule.area == about]
    total = sum((rule.outcomes for rule in rules), Counter[str]())
    lines += ["", f"{len(rules)} rules, {total.total()} cases, {total['passed']} passed."]
    return "\n".join(lines) + "\n"


def row(rule: Rule) -> str:
    text = rule.text.replace("|", "\\|")
    return f"| {text} | {rule.outcomes['passed']} | {rule.outcomes.total()} |"


def count(*paths: str) -> tuple[list[Rule], str]:
    """Run these tests; answers the rules in their order, and what pytest said."""
    counting = Counting()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        pytest.main(["-q", "--rootdir", str(ROOT), *paths], plugins=[counting])
    return list(counting.rules.values()), said.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.rules", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/rules.md")
    write = parser.parse_args().write
    rules, said = count(str(ROOT / SUITE))
    failed = [rule for rule in rules if set(rule.outcomes) - {"passed"}]
    if failed or not rules:
        print(said, file=sys.stderr)
    elif write:
        DOCUMENT.write_text(_HEAD + table(rules), encoding="utf-8")
    print(table(rules))
    return 1 if failed or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
