# A `socket` for the bench: TCP as the unix port has it, its writes counted where that is asked for,
# and UDP that hears nothing, since a name server has no port 53 here.
import io
import sys

import micropython

import socket as _posix

_GET_FILENO = 10  # MP_STREAM_GET_FILENO: asyncio then polls the descriptor itself
_EINVAL = 22
_EAGAIN = 11


class _Wrapped(io.IOBase):
    def __init__(self, sock):
        self._sock = sock
        self.fileno = sock.fileno
        self.setblocking = sock.setblocking
        self.setsockopt = sock.setsockopt
        self.close = sock.close

    def ioctl(self, request, argument):
        return self._sock.fileno() if request == _GET_FILENO else -_EINVAL


class _Datagram(_Wrapped):
    def bind(self, address):
        pass

    def recvfrom(self, size):
        raise OSError(_EAGAIN)

    def sendto(self, data, address):
        return len(data)


class _Listener(_Wrapped):
    def __init__(self, sock):
        super().__init__(sock)
        self.bind = sock.bind
        self.listen = sock.listen

    def accept(self):
        accepted = self._sock.accept()
        return (_Counted(accepted[0]),) + tuple(accepted[1:])


class _Counted(_Wrapped):
    # A connection that prints how often it was written to as it closes.
    def __init__(self, sock):
        super().__init__(sock)
        self._writes = 0
        self.read = sock.read
        self.readinto = sock.readinto
        self.readline = sock.readline
        self.recv = sock.recv
        self.settimeout = sock.settimeout
        self.close = self._close

    def recv_into(self, buffer, size=0):
        return self._sock.readinto(buffer, size) if size else self._sock.readinto(buffer)

    def write(self, data, *limits):
        self._writes += 1
        return self._sock.write(data, *limits)

    def send(self, data):
        self._writes += 1
        return self._sock.send(data)

    def _close(self):
        if self._writes:
            print("writes", self._writes)
            micropython.qstr_info()
            self._writes = 0
        self._sock.close()


class _Module:
    def __init__(self, counting):
        self._counting = counting

    def socket(self, family=_posix.AF_INET, kind=_posix.SOCK_STREAM, protocol=0):
        sock = _posix.socket(family, kind)
        if kind == _posix.SOCK_DGRAM:
            return _Datagram(sock)
        return _Listener(sock) if self._counting else sock

    def __getattr__(self, name):
        return getattr(_posix, name)


def install(counting):
    sys.modules["socket"] = sys.modules["usocket"] = _Module(counting)
