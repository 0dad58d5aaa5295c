"""The whole way of a phone: it joins, asks a name server, opens any page, and touches a switch."""

import json
from typing import Any

import pytest

from tests.browser_story.world import run_apart

PATIENCE = 110.0  # seconds for all of it
PAGE = "http://192.168.4.1/"


@pytest.fixture(scope="module")
def told(built: None) -> dict[str, Any]:
    return json.loads(run_apart("tests.wifi.phone_story", PATIENCE))


def test_a_phones_browser_lands_on_the_page_and_works_it(told: dict[str, Any]) -> None:
    """Opened at a name that is not the board's; the switch moves the pin."""
    assert (told["browsed"]["url"], told["browsed"]["status"]) == (PAGE, 200)
    assert told["levels"] == [0, 1]
    print(f"\nChromium as a phone: http://anything.example/ -> {told['browsed']}")


def test_a_real_resolver_finds_the_board_under_any_name(told: dict[str, Any]) -> None:
    if not told["namespace"]:
        pytest.skip("no network namespace can be made here; test_captive.py asks a mapped port")
    assert told["resolved"] == ["192.168.4.1"]
    assert (told["fetched"]["url"], told["fetched"]["status"]) == (PAGE, 200)
    assert told["probe"]["url"] == PAGE
