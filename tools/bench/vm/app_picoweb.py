# picoweb as it comes, without its log.
import picoweb
from machine import Pin

_pins = {2: Pin(2, Pin.OUT, value=1)}
app = picoweb.WebApp("app_picoweb")


@app.route("/")
def index(req, resp):
    req.parse_qs()
    number = int(req.form["pin"])
    state = req.form["state"]
    _pins[number].value(state != "on")
    yield from picoweb.jsonify(resp, {"pin": number, "state": state})


def run(port, host="127.0.0.1"):
    app.run(host=host, port=port, debug=-1)
