"""The listener, made at start and again whenever it has died."""

import uasyncio as asyncio
import usocket as socket


def listen(server, host, port):
    """Listen on `port`; server.accepting is then the task that takes clients in."""
    server.relistened += 1
    if server.listener:
        server.listener.close()  # the port takes no second listener
    address = socket.getaddrinfo(host, port)[0][-1]
    listener = server.listener = socket.socket()
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(server.CONNECTIONS)
    server.accepting = asyncio.create_task(server.accept(listener))
    server.log.info("serving on port %d", port)
