# chumicro-http-server, as its README's first example: the loop never sleeps.
from chumicro_http_server import HttpServer, build_response
from chumicro_sockets import listener
from chumicro_timing import ticks_ms
from machine import Pin

_pins = {2: Pin(2, Pin.OUT, value=1)}


def index(request):
    number = int(request.query["pin"])
    state = request.query["state"]
    _pins[number].value(state != "on")
    return build_response(200, json={"pin": number, "state": state})


def run(port, host="127.0.0.1"):
    server = HttpServer(transport_factory=lambda: listener(host=host, port=port))
    server.route("/")(index)
    while True:
        now = ticks_ms()
        if server.check(now):
            server.handle(now)
