"""One TCP connection through the relay: client on the host <-> socket in the interpreter.

Each rule of the chip stands beside its source: the sizes are those of the ESP8266 port's lwIP
(espressif's build of 1.4, MSS 536), the closing rules those of extmod/modlwip.c and of lwIP's
tcp.c.
"""

import array
import asyncio
import contextlib
import fcntl
import re
import select
import socket
import struct
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.board import early
from tools.board.link import Link
from tools.board.ready import events_now, readable, writable

SEND_BUFFER = 1072  # bytes, TCP_SND_BUF = 2 * TCP_MSS
WINDOW = 2144  # bytes, TCP_WND = 4 * TCP_MSS: what a client may send ahead of the program
CLOSE_TIMEOUT = 10.0  # seconds, MICROPY_PY_LWIP_TCP_CLOSE_TIMEOUT_MS of extmod/modlwip.c
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST
_SO_NWRITE = 0x1024  # macOS: bytes that the peer has not acknowledged
_SLOWEST_LOOK = 0.016  # seconds between two looks at a send queue that does not move
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_SECRET = re.compile(r"(?i)(token=)[^&\s]*")


@dataclass
class Record:
    """What happened on a connection; `how` it ended is one of the END_ words, "" while it lives."""

    client: str
    interface: str
    started: int  # milliseconds of the board's clock
    request: str = ""
    status: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    writes: int | None = None  # None: the program never closed the socket
    early: str = ""  # what came before accept(): "data", or "end", which the program never sees
    milliseconds: int = 0
    how: str = ""
    _head: bytes = field(default=b"", repr=False)

    def heard(self, data: bytes) -> None:
        """Count what the client sent; the first line is kept, without a token's value."""
        self.bytes_in += len(data)
        if not self.request and len(self._head) < 512:
            self._head += data
            line, end, _ = self._head.partition(b"\n")
            if end or len(self._head) >= 512:
                text = line.decode("ascii", "backslashreplace").strip()
                self.request = _SECRET.sub(r"\1***", text)[:200]

    def said(self, data: bytes) -> None:
        if not self.bytes_out and (match := _STATUS.match(data)):
            self.status = int(match.group(1))
        self.bytes_out += len(data)

    def public(self) -> dict[str, object]:
        return {key: value for key, value in vars(self).items() if not key.startswith("_")}


END_CLOSED = "closed"  # both sides closed
END_CLIENT_RESET = "reset by client"
END_BOARD_RESET = "reset by board"  # closed with unread input: lwIP's tcp_close() sends RST
END_ABORTED = "aborted"  # the client had not closed CLOSE_TIMEOUT after the program had
END_REFUSED = "refused"  # the accept ring was full: modlwip answers ERR_BUF, lwIP RST
END_RESTART = "board restarted"


def reset(client: socket.socket) -> None:
    """Close with RST."""
    with contextlib.suppress(OSError):  # the client may have reset it first
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    client.close()


def unacknowledged(client: socket.socket) -> int:
    """Bytes sent that the client's system has not acknowledged, so that lwIP would hold them."""
    if sys.platform == "darwin":
        return client.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
    count = array.array("i", [0])
    fcntl.ioctl(client, termios.TIOCOUTQ, count)
    return count[0]


def _empty(chip: socket.socket) -> bool:
    """True when the program has read enough: SO_SNDBUF is too small for more than one segment."""
    return bool(events_now(chip, select.POLLOUT))


class Connection:
    """Two pumps and the rules of closing."""

    def __init__(
        self, client: socket.socket, chip: socket.socket, link: Link, record: Record
    ) -> None:
        self.record = record
        self._client = client
        self._chip = chip
        self._link = link
        self._unread = 0
        self._started = asyncio.get_running_loop().time()
        self._abort: asyncio.TimerHandle | None = None
        self._pumps: list[asyncio.Task[str | None]] = []
        self._accepted = asyncio.Event()
        self._writes = 0
        self._refused = False  # lwIP holds a segment that the program has not been given

    @property
    def accepted(self) -> bool:
        """accept() has taken it."""
        return self._accepted.is_set()

    def accept(self) -> None:
        self._accepted.set()

    def write(self) -> None:
        """The program writes."""
        self._writes += 1

    async def run(self, on_end: Callable[["Connection"], None]) -> None:
        """Carry data until the connection is over; then the place is free: `on_end`."""
        self._pumps = [
            asyncio.create_task(self._to_chip()),
            asyncio.create_task(self._to_client()),
        ]
        how = END_RESTART
        try:
            how = await self._outcome()
        finally:
            self._finish(how)
            on_end(self)
        try:
            if how not in (END_CLOSED, END_CLIENT_RESET):
                await self._link.wait_up()  # an RST sent into the void is answered later
                reset(self._client)
        finally:
            self._client.close()

    async def _outcome(self) -> str:
        """Wait for both pumps, or for the first that ends the connection with a word."""
        pending = set(self._pumps)
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for pump in done:
                how = self.record.how if pump.cancelled() else pump.result()
                if how:
                    return how
        return END_CLOSED

    def _finish(self, how: str) -> None:
        for pump in self._pumps:
            pump.cancel()
        if self._abort:
            self._abort.cancel()
        self.record.how = how
        elapsed = asyncio.get_running_loop().time() - self._started
        self.record.milliseconds = round(elapsed * 1000)
        self._chip.close()

    def closed_by_program(self) -> None:
        """close() was called: modlwip gives the client CLOSE_TIMEOUT to close too."""
        self.record.writes = self._writes
        self._arm_abort()

    def _arm_abort(self) -> None:
        if self._abort is None:
            loop = asyncio.get_running_loop()
            self._abort = loop.call_later(CLOSE_TIMEOUT, self.end, END_ABORTED)

    def end(self, how: str) -> None:
        """End it now, with RST for the client."""
        self.record.how = how
        for pump in self._pumps:
            pump.cancel()

    async def _to_chip(self) -> str | None:
        """Client to program; ends at the client's FIN or RST."""
        loop = asyncio.get_running_loop()
        try:
            data = await self._first()
            while data:
                await self._deliver(data)
                data = await loop.sock_recv(self._client, await self._window())
                await self._link.wait_up()
        except ConnectionError:
            await self._link.wait_up()
            return END_CLIENT_RESET
        if self.record.early != "end":
            with contextlib.suppress(OSError):
                self._chip.shutdown(socket.SHUT_WR)
        return None

    async def _deliver(self, data: bytes) -> None:
        # After the program's close() lwIP takes and drops what still comes (tcp_recv_null).
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._chip, data)
        self._unread += len(data)
        self.record.heard(data)

    async def _first(self) -> bytes:
        """What the client sends first, once the program may have it; empty at its FIN."""
        loop = asyncio.get_running_loop()
        await readable(self._client)
        await self._link.wait_up()
        came = await early.wait(self._client, self._accepted, self._started, self._refuse)
        if came and not came.data:
            return b""
        if came:
            self._refused = False
            await self._deliver(came.data)
            await asyncio.sleep(came.rest_at - loop.time())
        return await loop.sock_recv(self._client, await self._window())

    def _refuse(self, data: bytes) -> None:
        self._refused = bool(data)
        self.record.early = "data" if data else "end"

    async def _window(self) -> int:
        """Bytes that fit the window; waits for the program to read when none do."""
        if self._unread and _empty(self._chip):
            self._unread = 0
        if self._unread >= WINDOW:
            await writable(self._chip)
            self._unread = 0
        return WINDOW - self._unread

    async def _to_client(self) -> str | None:
        """Program to client; ends when the program has closed and everything is out."""
        loop = asyncio.get_running_loop()
        while True:
            await readable(self._chip)
            try:
                data = self._chip.recv(SEND_BUFFER, socket.MSG_PEEK)
            except ConnectionResetError:
                await self._link.wait_up()
                return END_BOARD_RESET
            await self._link.wait_up()
            try:
                if not data and self._refused:  # tcp_close_shutdown(): as with unread input
                    return END_BOARD_RESET
                if not data:
                    return self._half_close()
                await loop.sock_sendall(self._client, data)
                self.record.said(data)
                await self._acknowledged()
            except OSError:  # ConnectionError, or ENOTCONN from shutdown()
                return END_CLIENT_RESET
            self._chip.recv(len(data))  # only now has the program's send buffer room again

    def _half_close(self) -> None:
        self._arm_abort()
        self._client.shutdown(socket.SHUT_WR)

    async def _acknowledged(self) -> None:
        """Wait until the client's system has everything, as lwIP keeps it until the ACK."""
        pause = 0.001
        while unacknowledged(self._client):
            if error := self._client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise ConnectionResetError(error, "the client has gone")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)
