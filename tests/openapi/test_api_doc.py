"""docs/api.md says what the board says: each curl line gives the answer beside it."""

import pytest

from tools import api_examples
from tools.api_examples import Example

LEAST = 40  # examples


@pytest.mark.timeout(60)
def test_its_examples_are_real(built: None) -> None:
    text = api_examples.DOCUMENT.read_text(encoding="utf-8")
    real, examples = api_examples.renew(text)
    assert len(examples) >= LEAST
    for example in examples:
        assert example.agrees(), f"{example.command}: {example.real}"
    assert real == text, "python -m tools.api_examples --write"


@pytest.mark.parametrize(
    ("told", "real", "agrees"),
    [
        ('{"a": 1, "b": [2]}', '{"b": [2], "a": 1}\n', True),
        ('{"a": 1, "b": [2]}', '{"a": 1, "b": [3]}', False),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"state": "on", "remaining": 4.9}', '{"state": "on", "remaining": 4.8}', True),
        ('{"state": "on"}', '{"state": "on", "remaining": 4.8}', False),
        ('[{"uptime": 1}, 2]', '[{"uptime": 5}, 2]', True),
        (
            "HTTP/1.1 200 OK\nContent-Length: 9\n\n{}",
            "HTTP/1.1 200 OK\nContent-Length: 8\n\n{}",
            True,
        ),
        ("HTTP/1.1 200 OK\n\n{}", "HTTP/1.1 204 No Content\n\n{}", False),
        ("HTTP/1.1 200 OK\n\n{}", "{}", False),
    ],
)
def test_what_agrees(told: str, real: str, agrees: bool) -> None:
    assert Example("curl", told, real).agrees() == agrees
