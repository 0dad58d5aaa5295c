"""Where the story plays: the board at 192.168.4.1:80 and another site at 192.168.4.2:80.

A browser treats loopback as a secure origin and sends headers there that a board would never see,
so the addresses are those of a network of our own: a namespace of Linux. Where none can be made,
the same plays on mapped ports of 127.0.0.1.
"""

import contextlib
import os
import select
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.board.process import PATIENCE, ROOT

BOARD, FOREIGN = "192.168.4.1", "192.168.4.2"
_LOOPBACK = "127.0.0.1"
_COMMAND_SECONDS = 10


def unshare() -> list[str]:
    """What to put before a command so that it has a network of its own; empty: it cannot have."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return []
    command = ["unshare", "--net", *(["--map-root-user"] if os.geteuid() else [])]
    tried = subprocess.run([*command, "true"], capture_output=True, timeout=_COMMAND_SECONDS)
    return command if tried.returncode == 0 else []


def run_apart(module: str, timeout: float) -> str:
    """What `python -m module` prints, run in a network of its own where that can be had."""
    apart = unshare()
    command = [*apart, sys.executable, "-m", module, *(["--namespace"] if apart else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def raise_network() -> None:
    """Inside a fresh namespace: both addresses on its loopback interface."""
    for line in ("link set lo up", f"address add {BOARD}/24 dev lo"):
        subprocess.run(["ip", *line.split()], check=True, timeout=_COMMAND_SECONDS)


@dataclass(frozen=True)
class Asked:
    """A request that reached the board, and the status that it got."""

    line: str
    headers: dict[str, str]
    status: int


@dataclass
class Relay:
    """Passes connections on to the board's port and remembers what they said.

    A browser also opens connections on which it says nothing; those do not count.
    """

    address: tuple[str, int]
    target: tuple[str, int]
    seen: list[Asked] = field(default_factory=list)
    begun: int = 0  # requests

    def settled(self) -> bool:
        """Whether every request that was begun is answered."""
        return self.begun == len(self.seen)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                relay.pass_on(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True

        with _served(Server(self.address, Handler)):
            yield

    def pass_on(self, client: socket.socket) -> None:
        """Carry one connection to its end, both ways."""
        with socket.create_connection(self.target, PATIENCE) as board:
            request = client.recv(65536)
            if not request:
                return
            self.begun += 1
            board.sendall(request)
            said = carry(client, board)
            self.seen.append(parse(request + said[client], said[board]))


def carry(client: socket.socket, board: socket.socket) -> dict[socket.socket, bytes]:
    """Pass on what either says until the board closes; answers what each said."""
    said = {client: b"", board: b""}
    other = {client: board, board: client}
    open_ends = {client, board}
    while board in open_ends and (ready := select.select(list(open_ends), [], [], PATIENCE)[0]):
        for end in ready:
            with contextlib.suppress(ConnectionError):
                if data := end.recv(65536):
                    said[end] += data
                    other[end].sendall(data)
                    continue
            open_ends.discard(end)
    return said


def parse(request: bytes, answer: bytes) -> Asked:
    line, *lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    status = answer[9:12].decode() if answer.startswith(b"HTTP/1.1 ") else "0"
    return Asked(line.removesuffix(" HTTP/1.1"), headers, int(status))


@contextlib.contextmanager
def foreign_site(address: tuple[str, int], pages: dict[str, str]) -> Iterator[str]:
    """A web site that somebody else has; `pages`: path to HTML, may grow. Answers its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the story is told by the board's side."""

    server = ThreadingHTTPServer(address, Handler)
    with _served(server):
        yield origin(server.server_address)


def origin(address: object) -> str:
    """The URL of a listening (host, port), without the port that goes without saying."""
    assert isinstance(address, tuple)
    host, port = address[:2]
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"


@contextlib.contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[None]:
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


def addresses(namespace: bool) -> tuple[tuple[str, int], tuple[str, int]]:
    """Where the board and the foreign site listen."""
    return ((BOARD, 80), (FOREIGN, 80)) if namespace else ((_LOOPBACK, 0), (_LOOPBACK, 0))
