"""Local sockets of the PC, which carry the chip's connections, and what poll() asks of them.

On the chip's own processor (tools/chip) a module in C takes this one's place.
"""

import io

from usocket import AF_UNIX, MSG_PEEK, SOCK_DGRAM, SOCK_STREAM, socket

_EINVAL = 22
_GET_FILENO = 10  # MP_STREAM_GET_FILENO of py/stream.h: poll() then uses the real descriptor


class Pollable(io.IOBase):
    """What the played sockets inherit: poll() sees the descriptor of the socket that they watch."""

    def watch(self, sock):
        self._descriptor = sock.fileno()
        # A file closes its descriptor when it is collected, as the chip's sockets do and
        # those of the unix port do not.
        self._file = open(self._descriptor, "r+b", buffering=0)

    def unwatch(self):
        """Close it."""
        self._descriptor = -1
        self._file.close()

    def ioctl(self, request, argument):
        return self._descriptor if request == _GET_FILENO else -_EINVAL
