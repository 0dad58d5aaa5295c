"""The chip's `socket` module (extmod/modlwip.c), over AF_UNIX sockets to the host's relay.

A TCP listener is a real AF_UNIX listener in the interpreter's working directory; the relay
connects to it once for each client and sends six bytes first: the client's address and port.
UDP goes over the bus, with a byte on an AF_UNIX socket as the doorbell that poll() hears.
"""

import select
import struct
import sys
import time

import bus
import ops
import wires

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
SOL_SOCKET = 1
SO_REUSEADDR = 4
SO_BROADCAST = 0x20
IPPROTO_IP = 0
IP_ADD_MEMBERSHIP = 0x400
IP_DROP_MEMBERSHIP = 0x401
IPPROTO_TCP = 6
TCP_NODELAY = 0x40
MSG_PEEK = 1
MSG_DONTWAIT = 2

_EBADF = 9
_EAGAIN = 11
_ENOMEM = 12
_EINVAL = 22
_EPIPE = 32
_ECONNRESET = 104
_ENOTCONN = 107
_ETIMEDOUT = 110

_SNDBUF = 1072  # TCP_SND_BUF of the ESP8266's lwIP: two segments of 536

# What turns POLLOUT off, after one write, until the relay has taken all of it: Linux counts
# whole kernel buffers and raises 1 to its least, macOS counts bytes.
_SMALLEST = (0x1001, _SNDBUF) if sys.platform == "darwin" else (7, 1)

_closed = wires.socket()  # stands in for every closed one: any use is OSError(9), EBADF
_closed.close()
_poller = select.poll()
_peer = bytearray(6)


def _unix_address(path):
    """The sockaddr_un of `path`, which is relative to the interpreter's working directory."""
    if sys.platform == "darwin":
        return bytes((len(path) + 2, wires.AF_UNIX)) + path
    return struct.pack("H", wires.AF_UNIX) + path + b"\0"


def _dotted(raw):
    return "%d.%d.%d.%d" % (raw[0], raw[1], raw[2], raw[3])


def _packed(host):
    """An IPv4 address as the 32 bits with sign that the bus carries; "" is any address."""
    try:
        parts = bytes([int(part) for part in host.split(".")]) if host else bytes(4)
    except ValueError:
        parts = b""
    if len(parts) != 4:
        raise ValueError("invalid arguments")
    return struct.unpack(">i", parts)[0]


class _Socket(wires.Pollable):
    """What TCP and UDP share. `_timeout` is in milliseconds, -1 without a limit, as for poll()."""

    _port = 0
    _timeout = -1
    _reuse = False

    def _take(self, sock):
        super().__init__()
        sock.setblocking(False)
        self._sock = sock
        self.watch(sock)

    def setblocking(self, flag):
        self._timeout = -1 if flag else 0

    def settimeout(self, seconds):
        self._timeout = -1 if seconds is None else int(seconds * 1000)

    def setsockopt(self, level, option, value):
        if option in (IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP):
            if len(value) != 8:
                raise ValueError
        elif option == SO_REUSEADDR:
            self._reuse = bool(value)
        elif option not in (SO_BROADCAST, TCP_NODELAY):
            print("Warning: lwip.setsockopt() not implemented")

    def makefile(self, mode="", buffering=0):
        return self

    def close(self):
        if self._sock is not _closed:
            self._sock = _closed
            self._release()
            self.unwatch()

    def _ready(self, event, timeout):
        """True when `event`, or an error, is there; waits `timeout` ms, less for an interrupt."""
        _poller.register(self._sock, event)
        try:
            for _ in _poller.ipoll(timeout):
                return True
            return False
        finally:
            _poller.unregister(self._sock)

    def _wait(self, event):
        """Block for as long as this socket's time-out says: not at all when it is 0."""
        left = self._timeout
        if self._sock is _closed:
            raise OSError(_EBADF)
        end = time.ticks_add(time.ticks_ms(), left)
        while self._timeout and not self._ready(event, left):
            if self._timeout > 0:
                left = time.ticks_diff(end, time.ticks_ms())
                if left <= 0:
                    raise OSError(_ETIMEDOUT)


class _Listener(_Socket):
    """A TCP socket that is not connected: new, bound or listening."""

    _listening = False

    def __init__(self):
        self._take(wires.socket(wires.AF_UNIX, wires.SOCK_STREAM))

    def bind(self, address):
        bus.call(ops.TCP_BIND, self._reuse, _packed(address[0]), address[1])
        self._port = address[1]

    def listen(self, backlog=2):
        backlog = max(1, min(backlog, 255))
        number = self._sock.fileno()
        self._sock.bind(_unix_address(b"l%d" % number))
        self._sock.listen(127)  # the host counts who waits, against the backlog
        bus.call(ops.TCP_LISTEN, number, self._port, backlog)
        self._listening = True

    def accept(self):
        if not self._listening:
            raise OSError(_EINVAL)
        self._wait(select.POLLIN)
        accepted = self._sock.accept()[0]
        accepted.readinto(_peer)
        port = _peer[4] << 8 | _peer[5]
        bus.call(ops.TCP_ACCEPTED, 0, port)
        return _Connection(accepted, port, self._timeout), (_dotted(_peer), port)

    def connect(self, address):
        bus.call(ops.TCP_CONNECT, 0, _packed(address[0]), address[1])

    def read(self, size=-1):
        raise OSError(_ENOTCONN)

    readinto = readline = recv = write = send = sendall = read

    def _release(self):
        if self._listening:
            bus.call(ops.TCP_UNLISTEN, 0, self._port)


class _Connection(_Socket):
    """An accepted TCP connection; `_port` is the client's."""

    def __init__(self, accepted, port, timeout):
        accepted.setsockopt(1, *_SMALLEST)
        self._take(accepted)
        self._port = port
        self._timeout = timeout
        self._room = _SNDBUF

    def _heard(self, data):
        """`data` as it came, unless it is the end and a reset made it."""
        if not data and data is not None and bus.call(ops.TCP_RESET_SEEN, 0, self._port):
            raise OSError(_ECONNRESET)
        return data

    def read(self, size=-1):
        self._wait(select.POLLIN)
        return self._heard(self._sock.read(size))

    def readinto(self, buffer, size=0xFFFF):
        self._wait(select.POLLIN)
        return self._heard(self._sock.readinto(buffer, size))

    def readline(self):
        self._wait(select.POLLIN)
        return self._heard(self._sock.readline())

    def recv(self, size, flags=0):
        self._wait(select.POLLIN)
        return self._heard(self._sock.recv(size, wires.MSG_PEEK if flags & MSG_PEEK else 0))

    def write(self, data):
        """How many bytes the send buffer took; None when it is full, as asyncio expects."""
        if self._room < _SNDBUF and self._room < len(data):
            self._refill()
        if self._room:
            _wait_for_memory(bus.call(ops.TCP_WRITE, 0, self._port))
        try:
            taken = self._sock.write(data, self._room) if self._room else None
        except OSError as error:
            raise OSError(_ECONNRESET if error.errno == _EPIPE else error.errno)
        if taken:
            self._room -= taken
        return taken

    def _refill(self):
        """Take the whole send buffer again once the relay has emptied it."""
        if self._room:
            empty = self._ready(select.POLLOUT, 0)
        else:
            self._wait(select.POLLOUT)
            empty = self._timeout or self._ready(select.POLLOUT, 0)
        if empty:
            self._room = _SNDBUF

    def send(self, data):
        taken = self.write(data)
        if taken is None:
            raise OSError(_EAGAIN)
        return taken

    def sendall(self, data):
        rest = memoryview(data)
        if not self._timeout and len(rest) > self._room:
            self._refill()
            if len(rest) > self._room:
                raise OSError(_EAGAIN)
        while rest:
            rest = rest[self.send(rest) :]

    def _release(self):
        bus.call(ops.TCP_CLOSED, 0, self._port)


def _wait_for_memory(ms):
    """lwIP has none: even a non-blocking write then blocks, and runs scheduled callbacks."""
    if ms:
        time.sleep_ms(abs(ms))
        if ms < 0:
            raise OSError(_ENOMEM)


class _Datagram(_Socket):
    """A UDP socket: four packets wait in the host (LWIP_INCOMING_PACKET_QUEUE_LEN)."""

    def __init__(self):
        sock = wires.socket(wires.AF_UNIX, wires.SOCK_DGRAM)
        self._number = sock.fileno()
        sock.bind(_unix_address(b"d%d" % self._number))
        self._take(sock)

    def bind(self, address):
        bus.call(ops.UDP_BIND, self._number, _packed(address[0]), address[1])
        self._port = address[1]

    def recvfrom(self, size, flags=0):
        self._wait(select.POLLIN)
        self._sock.recv(1)
        packet = bus.fetch(ops.UDP_RECEIVE, self._number, size)
        return packet[6:], (_dotted(packet), packet[4] << 8 | packet[5])

    def recv(self, size, flags=0):
        return self.recvfrom(size, flags)[0]

    def sendto(self, data, address):
        return bus.call(ops.UDP_SEND, self._number, _packed(address[0]), address[1], data)

    def _release(self):
        bus.call(ops.UDP_CLOSE, self._number)


def socket(family=AF_INET, kind=SOCK_STREAM, protocol=0):
    if kind not in (SOCK_STREAM, SOCK_DGRAM):
        raise OSError(_EINVAL)
    return _Listener() if kind == SOCK_STREAM else _Datagram()


def getaddrinfo(host, port, family=0, kind=0, protocol=0, flags=0):
    """Addresses only: the virtual network has no name server, lwIP's answer is then -2."""
    try:
        _packed(host)
    except ValueError:
        raise OSError(-2)
    return [(AF_INET, SOCK_STREAM, 0, "", (host or "0.0.0.0", port))]
