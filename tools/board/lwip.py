"""The relay: host ports on one side, the chip's listeners on the other, lwIP's limits between.

The interpreter's `socket` module (vm/socket.py) listens on AF_UNIX sockets in the board's run
folder; this side owns the TCP ports of 127.0.0.1 and lets in what the chip would let in.
"""

import asyncio
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from tools.board import ops
from tools.board.bus import Bus, os_error
from tools.board.link import Link
from tools.board.tcp import (
    END_CLIENT_RESET,
    END_REFUSED,
    END_RESTART,
    WINDOW,
    Connection,
    Record,
    reset,
)
from tools.board.udp import Datagrams

PLACES = 5  # MEMP_NUM_TCP_PCB: active connections of the whole chip, TIME_WAIT not counted
_WAITING = 128  # clients that the kernel holds while the chip has no place
_KEPT_RECORDS = 1000
_ENOMEM = 12
_EADDRINUSE = 98
_EHOSTUNREACH = 113
# Milliseconds for which a write waits for memory: 200 tries, 50 ms apart (extmod/modlwip.c,
# lwip_tcp_send). The program does nothing else then, scheduled callbacks apart.
PATIENCE = 10_000


@dataclass
class Listener:
    """A listening socket of the program: how many may wait for accept(), and where it is."""

    backlog: int
    path: Path


class HostPort:
    """A TCP port of 127.0.0.1 that stands for the chip's web port on one of its links.

    Bound from the start, so that it is ours; it listens when the chip does, and accepts
    while the link is up and the chip has a place. Everyone else waits in the kernel.
    """

    def __init__(self, stack: "Stack", port: int, link: Link) -> None:
        self._stack = stack
        self.link = link
        self._socket = self._bound(port)
        self.port: int = self._socket.getsockname()[1]
        self._listening = False
        self._accepting = False
        self._full = False

    @staticmethod
    def _bound(port: int) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", port))
        except OSError:
            made.close()
            raise
        return made

    def update(self) -> None:
        """Do what the chip's state asks for: listen or not, accept or not."""
        serving = self._stack.web_listener is not None
        # Only a chip that hears the SYN can refuse it; without Wi-Fi there is silence.
        if (serving or not self.link.up) != self._listening:
            self._refuse_all() if self._listening else self._listen()
        self._accept_or_not(serving and self.link.up and self._stack.free_places > 0)
        self._full = self._full or (serving and not self._stack.free_places)

    @property
    def ready(self) -> bool:
        return self._accepting

    def _listen(self) -> None:
        self._socket.listen(_WAITING)
        self._listening = True

    def _refuse_all(self) -> None:
        """A bound socket that does not listen: the kernel answers RST, as lwIP does."""
        self._accept_or_not(False)
        self._socket.close()
        self._socket = self._bound(self.port)
        self._listening = False

    def _accept_or_not(self, accepting: bool) -> None:
        if accepting == self._accepting:
            return
        self._accepting = accepting
        loop = asyncio.get_running_loop()
        if accepting:
            loop.add_reader(self._socket, self._accept)
        else:
            loop.remove_reader(self._socket)

    def _accept(self) -> None:
        while self._accepting:
            try:
                client, address = self._socket.accept()
            except BlockingIOError:
                self._full = False
                return
            except ConnectionError:
                continue
            client.setblocking(False)
            if self._full and _has_left(client):
                client.close()  # it gave up before the chip could have heard of it
            else:
                self._stack.admit(client, address, self.link)

    def close(self) -> None:
        self._accept_or_not(False)
        self._socket.close()


def _has_left(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _nobody_listens(_: object) -> None:
    """The default of what others may want to hear."""


class Stack:
    """The chip's TCP and UDP: who listens, who is connected, what happened.

    `on_record` hears of each connection when it is over, `on_ready` of the first moment in a
    life of the chip at which a client of a host port is let in; `clock` is in milliseconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], int]) -> None:
        self.folder = folder
        self.station = Link("station")
        self.access_point = Link("ap")
        self.udp = Datagrams(folder)
        self.records: deque[Record] = deque(maxlen=_KEPT_RECORDS)
        self.peak = 0
        self.on_record: Callable[[Record], None] = _nobody_listens
        self.on_ready: Callable[[HostPort], None] = _nobody_listens
        self._clock = clock
        self._stalls = (0, 0)  # writes that find no memory, and for how many milliseconds
        self._ports: list[HostPort] = []
        self._listeners: dict[int, Listener] = {}  # by port, of the chip
        self._connections: dict[int, Connection] = {}
        self._open_in_program: set[int] = set()
        self._resets: set[int] = set()
        self._announced: set[HostPort] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        for link in (self.station, self.access_point):
            link.watchers.append(self._update)

    def attach(self, bus: Bus) -> None:
        bus.on(ops.TCP_BIND, self._bind)
        bus.on(ops.TCP_LISTEN, self._listen)
        bus.on(ops.TCP_UNLISTEN, self._unlisten)
        bus.on(ops.TCP_CLOSED, self._closed)
        bus.on(ops.TCP_ACCEPTED, self._accepted)
        bus.on(ops.TCP_WRITE, self._write)
        bus.on(ops.TCP_RESET_SEEN, self._reset_seen)
        bus.on(ops.TCP_CONNECT, self._connect)
        self.udp.attach(bus)

    def map(self, host_port: int, link: Link) -> HostPort:
        """Make a host port (0: a free one) stand for the chip's web port; OSError when taken."""
        port = HostPort(self, host_port, link)
        self._ports.append(port)
        port.update()
        return port

    @property
    def web_listener(self) -> Listener | None:
        """The listener that the host ports stand for: the first that the program made."""
        return next(iter(self._listeners.values()), None)

    @property
    def free_places(self) -> int:
        return PLACES - len(self._connections)

    def summary(self) -> dict[str, object]:
        """For the control socket and for tests."""
        return {
            "active": len(self._connections),
            "peak": self.peak,
            "udp_dropped": self.udp.dropped,
            "connections": [record.public() for record in self.records],
        }

    def restart(self) -> None:
        """The chip was reset: nobody listens, whoever was connected gets RST."""
        for connection in self._connections.values():
            connection.end(END_RESTART)
        for listener in self._listeners.values():
            listener.path.unlink(missing_ok=True)
        self._listeners.clear()
        self._open_in_program.clear()
        self._resets.clear()
        self._announced.clear()
        self.udp.restart()
        self._update()

    async def stop(self) -> None:
        self.restart()
        for port in self._ports:
            port.close()
        self.udp.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def admit(self, client: socket.socket, address: tuple[str, int], link: Link) -> None:
        """A client's SYN: a place in the accept ring, or RST when it is full."""
        number = self._number(address[1])
        shown = link.client_address(address[0])
        record = Record(f"{shown}:{number}", link.name, self._clock())
        self.records.append(record)
        chip = self._reach_program(shown, number)
        if chip is None:
            record.how = END_REFUSED
            reset(client)
            self.on_record(record)
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begin(number, Connection(client, chip, link, record))

    def _number(self, port: int) -> int:
        """The client's port, or one above it where the program still has that one open."""
        while port in self._open_in_program or port in self._connections:
            port = port % 0xFFFF + 1
        return port

    def _reach_program(self, shown: str, number: int) -> socket.socket | None:
        listener = self.web_listener
        waiting = sum(not connection.accepted for connection in self._connections.values())
        if listener is None or waiting >= listener.backlog:
            return None
        chip = socket.socket(socket.AF_UNIX)
        chip.setblocking(False)
        # The least the kernel takes, so that POLLOUT tells when the program has read it all.
        size = WINDOW if sys.platform == "darwin" else 1
        chip.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        try:
            chip.connect(str(listener.path))
            chip.send(IPv4Address(shown).packed + struct.pack(">H", number))
        except OSError:  # the interpreter has just ended
            chip.close()
            return None
        return chip

    def _begin(self, number: int, connection: Connection) -> None:
        self._connections[number] = connection
        self._open_in_program.add(number)
        self.peak = max(self.peak, len(self._connections))
        task = asyncio.create_task(connection.run(lambda ended: self._over(number, ended)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._update()

    def _over(self, number: int, connection: Connection) -> None:
        if self._connections.get(number) is connection:
            del self._connections[number]
        if connection.record.how == END_CLIENT_RESET and number in self._open_in_program:
            self._resets.add(number)
        self.on_record(connection.record)
        self._update()

    def _update(self) -> None:
        for port in self._ports:
            port.update()
        for port in self._ports:
            if port.ready and port not in self._announced:
                self._announced.add(port)
                self.on_ready(port)

    def _bind(self, reuse: int, _address: int, port: int) -> None:
        if port in self._listeners and not reuse:
            raise os_error(_EADDRINUSE)

    def _listen(self, number: int, port: int, backlog: int) -> None:
        """tcp_listen_with_backlog() answers NULL, so modlwip ENOMEM, where one listens already."""
        path = self.folder / f"l{number}"
        if port in self._listeners:
            path.unlink(missing_ok=True)
            raise os_error(_ENOMEM)
        self._listeners[port] = Listener(backlog, path)
        self._update()

    def _unlisten(self, _unit: int, port: int) -> None:
        listener = self._listeners.pop(port, None)
        if listener:
            listener.path.unlink(missing_ok=True)
        self._update()

    def stall(self, writes: int, seconds: float) -> None:
        """lwIP is out of memory for so many writes, `seconds` each."""
        self._stalls = (writes, round(seconds * 1000))

    def _accepted(self, _unit: int, number: int) -> None:
        if number in self._connections:
            self._connections[number].accept()

    def _write(self, _unit: int, number: int) -> int:
        """A write that finds no memory in time is ENOMEM, by the last ERR_MEM of tcp_write()."""
        if number in self._connections:
            self._connections[number].write()
        writes, milliseconds = self._stalls
        if not writes:
            return 0
        self._stalls = (writes - 1, milliseconds)
        return milliseconds if milliseconds < PATIENCE else -PATIENCE

    def _closed(self, _unit: int, number: int) -> None:
        self._open_in_program.discard(number)
        self._resets.discard(number)
        if number in self._connections:
            self._connections[number].closed_by_program()

    def _reset_seen(self, _unit: int, number: int) -> int:
        seen = number in self._resets
        self._resets.discard(number)
        return int(seen)

    def _connect(self) -> None:
        """Nobody around the virtual chip listens on TCP."""
        raise os_error(_EHOSTUNREACH)
