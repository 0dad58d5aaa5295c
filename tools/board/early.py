"""What a client sends before the program's accept() has taken its connection.

extmod/modlwip.c, _lwip_tcp_recv_unaccepted(), refuses all of it with ERR_BUF. lwIP (tcp_in.c and
tcp.c of the ESP8266's build, esp-open-lwip) keeps a refused segment and offers it again at each
tick of tcp_fasttmr() and when the client's next segment comes. While it is refused whatever
follows, a FIN too, is dropped, and the client sends it again. A FIN without data before it is
acknowledged and lost: nobody looks at what TCP_EVENT_CLOSED answers.
"""

import asyncio
import contextlib
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

from tools.board.ready import events_now, readable

SEGMENT = 536  # bytes, TCP_MSS
TICK = 0.125  # seconds, TCP_TMR_INTERVAL of esp-open-lwip's tcp_impl.h
# Seconds after the connection began in which nothing is early: a chip at 80 MHz that stands in
# accept() or poll() takes it within some milliseconds of its clients' time, a PC's processes that
# wait for each other do not always.
GRACE = 0.5
RETRANSMISSION = 0.2  # seconds, the least of Linux; it doubles each time


@dataclass
class Early:
    """What came early: `data` is to be delivered now, and nothing else before `rest_at`."""

    data: bytes
    rest_at: float = 0.0  # by the event loop's clock


async def wait(
    client: socket.socket,
    accepted: asyncio.Event,
    began: float,
    on_early: Callable[[bytes], None],
) -> Early | None:
    """Something has come: wait until the program may have it; None where it was not early.

    `began`: when the connection did, by the event loop's clock. No data: a FIN, which is lost.
    `on_early` hears at once of what is kept or lost. ConnectionError where the client resets it.
    """
    loop = asyncio.get_running_loop()
    if await _happens(accepted, began + GRACE - loop.time()):
        return None
    data = client.recv(SEGMENT)
    on_early(data)
    if not data:
        return Early(data)
    rest_since = await _until_accepted(client, accepted)
    rest_at = _sent_again(rest_since) if rest_since else 0.0
    if rest_since:
        await asyncio.sleep(min(_tick(began), rest_at - loop.time()))
    else:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(readable(client), _tick(began))
    return Early(data, rest_at)


def _tick(began: float) -> float:
    """Seconds until lwIP's next tick; they count from the connection, which may be the first."""
    return TICK - (asyncio.get_running_loop().time() - began) % TICK


async def _until_accepted(client: socket.socket, accepted: asyncio.Event) -> float | None:
    """Answers when the client was first seen to have sent more, None where it has not."""
    rest_since = None
    while True:
        over = await _happens(accepted, TICK)
        found = events_now(client, select.POLLIN)
        if found & (select.POLLERR | select.POLLHUP):
            raise ConnectionResetError("before accept()")
        if found and rest_since is None:
            rest_since = asyncio.get_running_loop().time()
        if over:
            return rest_since


def _sent_again(first: float) -> float:
    """When a client that sent something at `first`, in vain, next sends it again."""
    now = asyncio.get_running_loop().time()
    pause = RETRANSMISSION
    at = first + pause
    while at < now:
        pause *= 2
        at += pause
    return at


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, no longer than `seconds`."""
    if not event.is_set() and seconds > 0:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
