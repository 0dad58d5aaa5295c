"""Waiting for a descriptor, where asyncio's own streams do more than is wanted."""

import asyncio
import select
import socket
from collections.abc import Callable
from typing import Any

File = int | socket.socket


async def _turns(add: Callable[..., Any], remove: Callable[..., Any], file: File) -> None:
    turned = asyncio.get_running_loop().create_future()
    add(file, lambda: turned.done() or turned.set_result(None))
    try:
        await turned
    finally:
        remove(file)


async def readable(file: File) -> None:
    loop = asyncio.get_running_loop()
    await _turns(loop.add_reader, loop.remove_reader, file)


async def writable(file: File) -> None:
    loop = asyncio.get_running_loop()
    await _turns(loop.add_writer, loop.remove_writer, file)


def events_now(file: File, wanted: int) -> int:
    """The `wanted` events of poll() that hold now, and POLLHUP and POLLERR where they do."""
    poller = select.poll()
    poller.register(file, wanted)
    return next((events for _, events in poller.poll(0)), 0)
