"""Chromium in front of a board: what it does by itself, and what foreign pages make it do.

Prints one JSON object: the network it ran in, and a row for each act.
`tests/browser_story/test_story.py` starts it, in a network of its own where that can be had.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser_story.world import Asked, Relay, addresses, foreign_site, origin, raise_network
from tests.support.boards import Board, free_port
from tools.board.process import PATIENCE, wait_until
from tools.browser import chromium

PIN = 4
QUERY = f"/?pin={PIN}&state=on"
MILLISECONDS = PATIENCE * 1000
PINS = [{"pin": PIN, "mode": "out", "name": "door"}]
_BESIDES = ("GET /favicon.ico", "GET /static/", "GET /status")  # a browser's own
Key = tuple[str, bool]  # an act, and whether it tells where it comes from
_SAID = ("referer", "origin", "sec-purpose", "purpose")


@dataclass(frozen=True)
class Row:
    """`asked`: what reached the board, `pin`: the levels that the pin took because of it."""

    act: str
    referrer: bool
    change_by_get: bool
    asked: str
    said: str
    status: int | None
    pin: list[int]


# What another site's page does; `done` is called when the browser has its answer or did not ask.
ELEMENTS = {
    "image": '<img src="{url}" onload=done() onerror=done()>',
    "frame": '<iframe src="{url}" onload=done()></iframe>',
    "prefetch": '<link rel=prefetch href="{url}" onload=done() onerror=done()>',
}
FETCHES = {
    "fetch": "fetch(url)",
    "fetch, no-cors": "fetch(url, {mode: 'no-cors'})",
    "fetch, POST": "fetch(url, {mode: 'no-cors', method: 'POST'})",
    "fetch, PUT": "fetch(put, {method: 'PUT', body: '{\"state\": \"on\"}', "
    "headers: {'Content-Type': 'application/json'}})",
}
FORMS = {"form, GET": "get", "form, POST": "post"}
_DONE = "<script>window.done = () => document.title = 'done'</script>"


def foreign_pages(board: str) -> dict[str, str]:
    """The other site: a page for each act, with the referrer and without."""
    made: dict[str, str] = {}
    bodies = {act: _DONE + html.format(url=board + QUERY) for act, html in ELEMENTS.items()}
    constants = f"const url = '{board}{QUERY}', put = '{board}/pins/{PIN}'"
    for act, code in FETCHES.items():
        bodies[act] = f"{_DONE}<script>{constants}; {code}.then(done, done)</script>"
    for act, method in FORMS.items():
        bodies[act] = (
            f'<form action="{board}/" method={method}><input name=pin value={PIN}>'
            "<input name=state value=on></form>"
        )
    bodies["link"] = f'<a href="{board}{QUERY}">a nice picture</a>'
    for act, body in bodies.items():
        made[path(act, True)] = f"<!doctype html><title>-</title>{body}"
        made[path(act, False)] = (
            f"<!doctype html><meta name=referrer content=no-referrer><title>-</title>{body}"
        )
    return made


def path(act: str, referrer: bool) -> str:
    return f"/{act.replace(', ', '-').replace(' ', '-')}{'' if referrer else '-silent'}"


@dataclass(frozen=True)
class Act:
    name: str
    referrer: bool
    play: Callable[[Page], None]


class Story:
    """One board, one browser, and the acts."""

    def __init__(
        self, browser: Browser, board: Board, relay: Relay, sites: tuple[str, str], by_get: bool
    ) -> None:
        self._context = browser.new_context()
        self._board = board
        self._relay = relay
        self._own, self._foreign = sites
        self._change_by_get = by_get
        self.rows: list[Row] = []

    def acts(self) -> Iterator[Act]:
        yield Act("open the URL", True, lambda page: self._open(page, QUERY))
        yield Act("reload it", True, self._reload)
        toggle = QUERY.replace("on", "toggle")
        yield Act("open with toggle", True, lambda page: self._open(page, toggle))
        yield Act("own page prefetches", True, self._own_prefetch)
        for referrer in (True, False):
            for name in (*ELEMENTS, *FETCHES):
                yield self._foreign_act(name, referrer, self._wait_done)
            for name in FORMS:
                yield self._foreign_act(name, referrer, self._submit)
            yield self._foreign_act("link", referrer, self._follow)

    def play(self, act: Act) -> None:
        """One act, with the pin off before it; what it came to is a row."""
        self._board.client.put(f"/pins/{PIN}", {"state": "off"})
        asked, moved = len(self._relay.seen), len(self._board.changes(PIN))
        page = self._context.new_page()
        act.play(page)
        page.close()
        self._note(act, self._of_the_pin(asked), self._board.levels(PIN)[moved:])

    def _of_the_pin(self, start: int) -> list[Asked]:
        """The requests that are about it, once the last one is over."""
        wait_until(self._relay.settled, "the last connection to end")
        seen = self._relay.seen[start:]
        return [each for each in seen if not each.line.startswith(_BESIDES)]

    def _note(self, act: Act, asked: list[Asked], levels: list[Any]) -> None:
        first = asked[0] if asked else None
        said = {name: first.headers[name] for name in _SAID if first and name in first.headers}
        self.rows.append(
            Row(
                act.name,
                act.referrer,
                self._change_by_get,
                ", then ".join(each.line for each in asked),
                ", ".join(f"{name}: {value}" for name, value in said.items()),
                first.status if first else None,
                levels,
            )
        )

    # What the owner does.

    def _open(self, page: Page, target: str) -> None:
        page.goto(self._own + target)

    def _reload(self, page: Page) -> None:
        self._open(page, QUERY)
        page.reload()

    def _own_prefetch(self, page: Page) -> None:
        page.goto(self._own + "/status")
        page.evaluate(
            """url => new Promise(done => {
                const link = document.createElement("link");
                Object.assign(link, {rel: "prefetch", href: url, onload: done, onerror: done});
                document.head.append(link);
            })""",
            self._own + QUERY,
        )

    # What another site does.

    def _foreign_act(self, name: str, referrer: bool, finish: Callable[[Page], None]) -> Act:
        def play(page: Page) -> None:
            page.goto(self._foreign + path(name, referrer))
            finish(page)

        return Act(f"foreign {name}", referrer, play)

    def _wait_done(self, page: Page) -> None:
        page.wait_for_function("document.title == 'done'", timeout=MILLISECONDS)

    def _submit(self, page: Page) -> None:
        with page.expect_navigation(timeout=MILLISECONDS):
            page.evaluate("document.forms[0].submit()")

    def _follow(self, page: Page) -> None:
        with page.expect_navigation(timeout=MILLISECONDS):
            page.get_by_role("link").click()


def tell(
    browser: Browser, namespace: bool, by_get: bool, only: set[Key] | None = None
) -> list[Row]:
    """The acts (or `only` these) on a board of its own; `by_get`: its config.CHANGE_BY_GET."""
    own, other = addresses(namespace)
    own = own if own[1] else (own[0], free_port())
    with Board(PINS=PINS, CHANGE_BY_GET=by_get) as board:
        relay = Relay(own, board.phone.address)
        with relay.running(), foreign_site(other, foreign_pages(origin(own))) as foreign:
            story = Story(browser, board, relay, (origin(own), foreign), by_get)
            for act in story.acts():
                if only is None or (act.name, act.referrer) in only:
                    story.play(act)
            return story.rows


def tell_both(browser: Browser, namespace: bool) -> list[Row]:
    """With CHANGE_BY_GET as shipped; then what reached the pin, once more without it."""
    rows = tell(browser, namespace, True)
    reached = {(row.act, row.referrer) for row in rows if row.pin}
    return rows + tell(browser, namespace, False, reached)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", action="store_true", help="the network is ours alone")
    namespace = parser.parse_args().namespace
    if namespace:
        raise_network()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        rows = tell_both(browser, namespace)
        version = browser.version
        browser.close()
    told = {"namespace": namespace, "browser": version, "rows": [asdict(row) for row in rows]}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
