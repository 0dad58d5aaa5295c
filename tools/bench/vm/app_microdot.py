# microdot, as its README shows it.
from machine import Pin
from microdot import Microdot

_pins = {2: Pin(2, Pin.OUT, value=1)}
app = Microdot()


@app.route("/")
async def index(request):
    number = int(request.args["pin"])
    state = request.args["state"]
    _pins[number].value(state != "on")
    return {"pin": number, "state": state}


def run(port, host="127.0.0.1"):
    app.run(host=host, port=port)
