"""A phone on the board's network: a resolver and a browser that know nothing of the board.

Prints one JSON object. `test_phone.py` starts it, in a network of its own where that can be had:
there the board is at 192.168.4.1, ports 53 and 80, and the system's own resolver asks it. Elsewhere
the browser is told by an option that every name is the board.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser_story.world import BOARD, Relay, raise_network
from tests.support.boards import Board, free_port
from tools.board.process import PATIENCE, ROOT
from tools.browser import chromium

NAME = "anything.example"
URL = f"http://{NAME}/some/where?x=1"
PROBE = "http://captive.apple.com/hotspot-detect.html"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
_LONGEST = 512  # bytes of a packet
_DNS = 53


class Names(threading.Thread):
    """Carries name queries from the address that a phone asks to the board's mapped port."""

    def __init__(self, board_port: int) -> None:
        super().__init__(daemon=True)
        self._outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outside.bind((BOARD, _DNS))
        self._board = "127.0.0.1", board_port

    def run(self) -> None:
        while True:
            query, client = self._outside.recvfrom(_LONGEST)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
                inside.settimeout(1)
                inside.sendto(query, self._board)
                try:
                    self._outside.sendto(inside.recv(_LONGEST), client)
                except TimeoutError:
                    continue  # the client asks again


def resolved() -> list[str]:
    """What the system's resolver makes of a name."""
    found = socket.getaddrinfo(NAME, 80, type=socket.SOCK_STREAM)
    return sorted({str(address[0]) for *_, address in found})


def fetched(url: str) -> dict[str, Any]:
    """Where a plain HTTP client lands, and on what."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=PATIENCE) as answer:
        return {"url": answer.geturl(), "status": answer.status, "bytes": len(answer.read())}


def browsed(options: list[str]) -> dict[str, Any]:
    """Where a phone's browser lands, and whether the page's switch is there to be touched."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--no-proxy-server", *options]
        )
        page = browser.new_context(**PHONE).new_page()  # type: ignore[arg-type]
        answer = page.goto(URL, timeout=PATIENCE * 1000)
        page.get_by_role("switch").tap()
        page.get_by_role("switch", checked=True).wait_for(timeout=PATIENCE * 1000)
        told = {"url": page.url, "status": answer and answer.status, "title": page.title()}
        browser.close()
    return told


def in_namespace(board: Board, dns_port: int) -> dict[str, Any]:
    Names(dns_port).start()
    with Relay((BOARD, 80), board.phone.address).running(), tempfile.TemporaryDirectory() as folder:
        names = Path(folder, "resolv.conf")
        names.write_text(f"nameserver {BOARD}\n")
        # A mount of its own, so that the machine's resolver is left as it is.
        script = 'mount --bind "$1" /etc/resolv.conf && exec "$2" -m tests.wifi.phone_story --phone'
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", str(names), sys.executable],
            cwd=ROOT,
            env={key: value for key, value in os.environ.items() if "proxy" not in key.lower()},
            capture_output=True,
            text=True,
            timeout=4 * PATIENCE,
        )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return json.loads(done.stdout)


def as_phone() -> dict[str, Any]:
    """Inside the namespace, with the board as the only name server."""
    return {
        "resolved": resolved(),
        "fetched": fetched(URL),
        "probe": fetched(PROBE),
        "browsed": browsed([]),
    }


def on_mapped_ports(board: Board) -> dict[str, Any]:
    host, port = board.phone.address
    return {"browsed": browsed([f"--host-resolver-rules=MAP *:80 {host}:{port}"])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", action="store_true", help="the network is ours alone")
    parser.add_argument("--phone", action="store_true", help="be the phone in it")
    options = parser.parse_args()
    if options.phone:
        print(json.dumps(as_phone()))
        return
    if options.namespace:
        raise_network()
    dns_port = free_port()
    with Board("--dns-port", str(dns_port), PINS=[{"pin": 4, "mode": "out"}]) as board:
        told = in_namespace(board, dns_port) if options.namespace else on_mapped_ports(board)
        board.wait(lambda: board.levels(4) == [0, 1], "the switch that was touched")
        print(json.dumps({"namespace": options.namespace, "levels": board.levels(4), **told}))


if __name__ == "__main__":
    main()
