# A `socket` whose accepted connections count their writes and print the count as they close.
import io
import sys

import socket as _posix

_GET_FILENO = 10  # MP_STREAM_GET_FILENO: asyncio then polls the descriptor itself


class _Counted(io.IOBase):
    def __init__(self, sock):
        self._sock = sock
        self._writes = 0
        self.setblocking = sock.setblocking
        self.read = sock.read
        self.readinto = sock.readinto
        self.readline = sock.readline
        self.recv = sock.recv
        self.setsockopt = sock.setsockopt
        self.settimeout = sock.settimeout

    def ioctl(self, request, argument):
        return self._sock.fileno() if request == _GET_FILENO else -22

    def fileno(self):
        return self._sock.fileno()

    def recv_into(self, buffer, size=0):
        return self._sock.readinto(buffer, size) if size else self._sock.readinto(buffer)

    def write(self, data, *limits):
        self._writes += 1
        return self._sock.write(data, *limits)

    def send(self, data):
        self._writes += 1
        return self._sock.send(data)

    def close(self):
        if self._writes:
            print("writes", self._writes)
            self._writes = 0
        self._sock.close()


class _Listener(io.IOBase):
    def __init__(self, *kind):
        self._sock = sock = _posix.socket(*kind)
        self.bind = sock.bind
        self.listen = sock.listen
        self.setblocking = sock.setblocking
        self.setsockopt = sock.setsockopt
        self.close = sock.close

    def ioctl(self, request, argument):
        return self._sock.fileno() if request == _GET_FILENO else -22

    def fileno(self):
        return self._sock.fileno()

    def accept(self):
        accepted = self._sock.accept()
        return (_Counted(accepted[0]),) + tuple(accepted[1:])


class _Module:
    socket = _Listener

    def __getattr__(self, name):
        return getattr(_posix, name)


def install():
    sys.modules["socket"] = sys.modules["usocket"] = _Module()
