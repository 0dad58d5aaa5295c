"""The host's end of the bus: requests of the fakes in, answers out.

A request is `<BBHii` (operation, unit, payload length, a, b) and the payload, an answer `<BBHi`
(status, 0, payload length, value) and the payload. There is one request at a time: the
interpreter waits for the answer, as a CPU waits for its peripheral.
"""

import asyncio
import inspect
import socket
import struct
from collections.abc import Awaitable, Callable

Answer = int | bytes | tuple[int, bytes] | None
Handler = Callable[..., Answer | Awaitable[Answer]]

REQUEST = struct.Struct("<BBHii")
ANSWER = struct.Struct("<BBHi")
MAX_TEXT = 128  # bytes of an error's text that vm/bus.py has room for

OK, OS_ERROR, VALUE_ERROR, OS_ERROR_TEXT, TYPE_ERROR = range(5)


class ChipError(Exception):
    """An exception that the fake raises inside MicroPython."""

    def __init__(self, status: int, value: int = 0, text: str = "") -> None:
        super().__init__(text or value)
        self.status = status
        self.value = value
        self.text = text


def os_error(reason: int | str) -> ChipError:
    """OSError with a number, or with a text as the port's error_check() raises it."""
    if isinstance(reason, int):
        return ChipError(OS_ERROR, reason)
    return ChipError(OS_ERROR_TEXT, 0, reason)


def value_error(text: str = "") -> ChipError:
    return ChipError(VALUE_ERROR, 0, text)


def type_error(text: str) -> ChipError:
    return ChipError(TYPE_ERROR, 0, text)


class Bus:
    """Handlers by operation, and the loop that serves one life of the interpreter."""

    def __init__(self) -> None:
        self._handlers: dict[int, tuple[Handler, int]] = {}
        self.requests = 0

    def on(self, operation: int, handler: Handler) -> None:
        """Have `handler` answer; of (unit, a, b, payload) it takes as many as it has parameters."""
        if operation in self._handlers:
            raise ValueError(f"operation {operation} has a handler already")
        self._handlers[operation] = (handler, len(inspect.signature(handler).parameters))

    async def serve(self, line: socket.socket) -> None:
        """Answer requests until the interpreter's end of the line is closed."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                head = await _receive(loop, line, REQUEST.size)
                operation, unit, size, a, b = REQUEST.unpack(head)
                payload = await _receive(loop, line, size)
                answer = await self._answer(operation, (unit, a, b, payload))
                await loop.sock_sendall(line, answer)
            except (EOFError, ConnectionError):
                return
            self.requests += 1

    async def _answer(self, operation: int, fields: tuple[int, int, int, bytes]) -> bytes:
        try:
            if operation not in self._handlers:
                raise os_error(f"the virtual board has no operation {operation}")
            handler, count = self._handlers[operation]
            result = handler(*fields[:count])
            if inspect.isawaitable(result):
                result = await result
        except ChipError as error:
            text = error.text.encode()[:MAX_TEXT]
            return ANSWER.pack(error.status, 0, len(text), error.value) + text
        return _pack(result)


def _pack(result: Answer) -> bytes:
    value, payload = 0, b""
    if isinstance(result, tuple):
        value, payload = result
    elif isinstance(result, bytes):
        payload = result
    elif result is not None:
        value = int(result)
    return ANSWER.pack(OK, 0, len(payload), value) + payload


async def _receive(loop: asyncio.AbstractEventLoop, line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = await loop.sock_recv(line, size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
