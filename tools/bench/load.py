"""The clients: two sizes of request, one after the other or several at once."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass

PATH = b"/?pin=2&state=on"
# curl 8.5, as it came over the wire.
CURL = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n" % PATH
# Chromium 130 opening the URL; about 500 bytes of headers.
BROWSER = (
    b"GET %s HTTP/1.1\r\n"
    b"Host: 192.168.4.1\r\n"
    b"Connection: keep-alive\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/130.0.0.0 Safari/537.36\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    b"image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7\r\n"
    b"Accept-Encoding: gzip, deflate\r\n"
    b"Accept-Language: en-US,en;q=0.9,de;q=0.8\r\n"
    b"Cookie: session=0123456789abcdef; theme=dark\r\n"
    b"\r\n" % PATH
)
REQUESTS = {"curl": CURL, "browser": BROWSER}
# In turn with the first: what a server remembers of the last client is of no use to the next.
OTHER_BROWSER = BROWSER.replace(b"theme=dark", b"theme=light")
SEGMENT = 536  # bytes, the chip's TCP_MSS


@dataclass
class Sample:
    """One stretch of load: seconds it took, the latency of each good answer, the failures."""

    seconds: float
    latencies: list[float]
    failed: int = 0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds


def good(answer: bytes) -> bool:
    """A whole answer that says what was asked for."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    return head[9:12] == b"200" and bool(blank) and b'"state": "on"' in body


def ask(port: int, request: bytes, patience: float = 5.0) -> bytes:
    """Send a request; return all that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), patience) as client:
        client.sendall(request)
        return read_all(client)


def read_all(client: socket.socket) -> bytes:
    answer = b""
    while part := client.recv(4096):
        answer += part
    return answer


def one_by_one(port: int, request: bytes, count: int, other: bytes = b"") -> Sample:
    """So many requests, every second of them `other` where there is one."""
    in_turn = (request, other or request)
    sample = Sample(0.0, [])
    start = before = time.perf_counter()
    for number in range(count):
        try:
            if not good(ask(port, in_turn[number % 2])):
                raise OSError("not the answer")
        except OSError:
            sample.failed += 1
            before = time.perf_counter()
            continue
        now = time.perf_counter()
        sample.latencies.append(now - before)
        before = now
    sample.seconds = time.perf_counter() - start
    return sample


@dataclass
class _Client:
    sock: socket.socket
    since: float
    answer: bytes = b""


class Crowd:
    """`at_once` clients in one thread; each begins anew as soon as it has its answer."""

    def __init__(self, port: int, request: bytes, at_once: int) -> None:
        self._address = ("127.0.0.1", port)
        self._request = request
        self._at_once = at_once
        self._selector = selectors.DefaultSelector()
        self._sample = Sample(0.0, [])

    def run(self, count: int, patience: float = 5.0) -> Sample:
        start = time.perf_counter()
        begun = 0
        with self._selector:
            while begun < count or self._selector.get_map():
                while begun < count and len(self._selector.get_map()) < self._at_once:
                    self._begin()
                    begun += 1
                ready = self._selector.select(patience)
                for key, _ in ready:
                    self._hear(key.data)
                if not ready:
                    self._give_up()
        self._sample.seconds = time.perf_counter() - start
        return self._sample

    def _begin(self) -> None:
        sock = socket.create_connection(self._address, 5)
        sock.sendall(self._request)
        self._selector.register(sock, selectors.EVENT_READ, _Client(sock, time.perf_counter()))

    def _hear(self, client: _Client) -> None:
        try:
            part = client.sock.recv(4096)
        except OSError:
            part = b""
        if part:
            client.answer += part
            return
        if good(client.answer):
            self._sample.latencies.append(time.perf_counter() - client.since)
        else:
            self._sample.failed += 1
        self._drop(client)

    def _give_up(self) -> None:
        for key in list(self._selector.get_map().values()):
            self._sample.failed += 1
            self._drop(key.data)

    def _drop(self, client: _Client) -> None:
        self._selector.unregister(client.sock)
        client.sock.close()


def browsers_at_once(port: int, number: int = 5, patience: float = 3.0) -> bool:
    """Whether `number` browsers, connected at the same time, all get their answer.

    Each request comes in the chip's segments: first the one of all, then the other of all.
    """
    clients = [socket.create_connection(("127.0.0.1", port), patience) for _ in range(number)]
    try:
        for at in range(0, len(BROWSER), SEGMENT):
            for client in clients:
                client.sendall(BROWSER[at : at + SEGMENT])
            time.sleep(0.02)  # for the server to have read this much of each
        return all(good(read_all(client)) for client in clients)
    except OSError:
        return False
    finally:
        for client in clients:
            client.close()
