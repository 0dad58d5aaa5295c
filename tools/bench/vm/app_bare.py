# The floor: what any server on asyncio pays that reads in bulk and answers at once.
import asyncio
import json

from machine import Pin

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%s"
)
_buffer = bytearray(1072)
_pins = {2: Pin(2, Pin.OUT, value=1)}


async def handle(reader, writer):
    size = await reader.readinto(_buffer)
    start = _buffer.find(b"?", 0, size) + 1
    query = _buffer[start : _buffer.find(b" HTTP/", start, size)].decode()
    while size and _buffer.find(b"\r\n\r\n", 0, size) < 0:
        size = await reader.readinto(_buffer)
    asked = dict([pair.split("=", 1) for pair in query.split("&")])
    number = int(asked["pin"])
    _pins[number].value(asked["state"] != "on")
    body = json.dumps({"pin": number, "state": asked["state"]})
    writer.write(_ANSWER % (len(body), body))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def run(port, host="127.0.0.1"):
    loop = asyncio.get_event_loop()
    loop.create_task(asyncio.start_server(handle, host, port))
    loop.run_forever()
