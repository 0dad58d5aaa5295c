"""UDP through the relay: packets wait in the host, a byte on the program's socket rings.

extmod/modlwip.c keeps LWIP_INCOMING_PACKET_QUEUE_LEN packets for a socket and drops the rest.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import cast

from tools.board import ops
from tools.board.bus import Bus, os_error
from tools.board.link import Link

QUEUE = 4  # packets, LWIP_INCOMING_PACKET_QUEUE_LEN of extmod/modlwip.c
LONGEST = 1472  # bytes of data in one packet of an MTU of 1,500
_EAGAIN = 11
_EADDRINUSE = 98
_FIRST_FREE_PORT = 0xC000  # UDP_LOCAL_PORT_RANGE_START of lwIP's udp.c

Outside = Callable[[str, int, bytes], bytes | None]


class Socket:
    """A UDP socket of the program: its port, the packets that wait, and its doorbell."""

    def __init__(self, port: int, doorbell: Path) -> None:
        self.port = port
        self.doorbell = doorbell
        self.packets: deque[bytes] = deque()


class HostPort(asyncio.DatagramProtocol):
    """A UDP port of 127.0.0.1 that stands for a port of the chip on one of its links."""

    def __init__(self, datagrams: "Datagrams", chip_port: int, link: Link) -> None:
        self._datagrams = datagrams
        self.chip_port = chip_port
        self.link = link
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.link.up:
            sender = (self.link.client_address(addr[0]), addr[1])
            self._datagrams.deliver(self.chip_port, sender, data)


class Datagrams:
    """The chip's UDP. `outside` answers packets to addresses that no client of ours has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sockets: dict[int, Socket] = {}
        self._ports: list[HostPort] = []
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bell.setblocking(False)
        self.outside: Outside | None = None
        self.dropped = 0

    def attach(self, bus: Bus) -> None:
        bus.on(ops.UDP_BIND, self._bind)
        bus.on(ops.UDP_SEND, self._send)
        bus.on(ops.UDP_RECEIVE, self._receive)
        bus.on(ops.UDP_CLOSE, self._close)

    async def map(self, host_port: int, chip_port: int, link: Link) -> int:
        """Make a host port stand for the chip's; answers its number (0 asks for a free one)."""
        loop = asyncio.get_running_loop()
        transport, port = await loop.create_datagram_endpoint(
            lambda: HostPort(self, chip_port, link), local_addr=("127.0.0.1", host_port)
        )
        self._ports.append(port)
        return transport.get_extra_info("sockname")[1]

    def restart(self) -> None:
        """The chip was reset: its sockets are gone."""
        for number in list(self._sockets):
            self._close(number)

    def stop(self) -> None:
        self.restart()
        self._bell.close()
        for port in self._ports:
            if port.transport:
                port.transport.close()

    def deliver(self, chip_port: int, sender: tuple[str, int], data: bytes) -> None:
        """Queue a packet for whichever socket has the port; the fifth that waits is lost."""
        target = next((s for s in self._sockets.values() if s.port == chip_port), None)
        if target is None or len(target.packets) >= QUEUE:
            self.dropped += 1
            return
        head = IPv4Address(sender[0]).packed + struct.pack(">H", sender[1])
        target.packets.append(head + data)
        with contextlib.suppress(OSError):  # the interpreter has just ended
            self._bell.sendto(b"\0", str(target.doorbell))

    def _bind(self, number: int, _address: int, port: int) -> int:
        taken = {s.port for s in self._sockets.values()}
        if port in taken:
            raise os_error(_EADDRINUSE)
        port = port or next(p for p in range(_FIRST_FREE_PORT, 0xFFFF) if p not in taken)
        self._sockets[number] = Socket(port, self._folder / f"d{number}")
        return port

    def _receive(self, number: int, size: int) -> bytes:
        waiting = self._sockets.get(number)
        if waiting is None or not waiting.packets:
            raise os_error(_EAGAIN)
        return waiting.packets.popleft()[: 6 + min(size, LONGEST)]

    def _send(self, number: int, address: int, port: int, data: bytes) -> int:
        """A packet of the program, to a client or into the network around the chip."""
        if number not in self._sockets:
            self._bind(number, 0, 0)
        to = str(IPv4Address(address & 0xFFFFFFFF))
        own = self._sockets[number].port
        if not self._send_to_client(own, to, port, data) and self.outside:
            answer = self.outside(to, port, data)
            if answer is not None:
                self.deliver(own, (to, port), answer)
        return len(data)

    def _send_to_client(self, own: int, to: str, port: int, data: bytes) -> bool:
        """True where `to` is the shown address of a client of a host port that stands for `own`."""
        for host_port in self._ports:
            host = host_port.link.host_of(to) if host_port.chip_port == own else None
            if host and host_port.transport:
                if host_port.link.up:
                    host_port.transport.sendto(data, (host, port))
                return True
        return False

    def _close(self, number: int) -> None:
        (self._folder / f"d{number}").unlink(missing_ok=True)
        self._sockets.pop(number, None)
