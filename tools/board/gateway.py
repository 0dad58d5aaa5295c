"""What answers beyond the station: the router's name server, which knows no names.

Enough for a program that wants to know whether its router still hears it.
"""

from collections.abc import Callable

from tools.board.station import Station

PORT = 53
_HEADER = 12  # bytes of a DNS message before its question (RFC 1035, 4.1.1)
_ANSWER_NO_SUCH_NAME = b"\x81\x83"  # a response, recursion desired and available, NXDOMAIN


def gateway_of(station: Station) -> Callable[[str, int, bytes], bytes | None]:
    """A function that answers packets (address, port, data) as the station's router would."""

    def answer(address: str, port: int, data: bytes) -> bytes | None:
        router = station.router if station.up else None
        if router is None or (address, port) != (router.gateway, PORT) or len(data) < _HEADER:
            return None
        counts = data[4:6] + bytes(6)  # the questions, no answers
        return data[:2] + _ANSWER_NO_SUCH_NAME + counts + data[_HEADER:]

    return answer
