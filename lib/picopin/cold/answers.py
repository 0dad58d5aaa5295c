"""All paths but /: what each answers."""

import uasyncio as asyncio
from micropython import const

from picopin import api, cold, gpio, net, retained

_BODY = ("state", "for", "duty", "freq")
_RESTART_MS = const(500)  # for the answer to leave before the board does


def answer(app, req):
    """Return the answer to a request that may be made."""
    where = req.where
    if where == b"/pins":
        return app.pins
    if where.startswith(b"/pins/"):
        return _pin(req)
    if where == b"/openapi.json":
        return cold("assets").document(req)
    if where == b"/wifi":
        answer = cold("join").change(app, req) if req.method == "POST" else None
        return answer or cold("wifi").show(app)
    if where == b"/restart":
        api.check_change(req)
        asyncio.create_task(_restart())
        return {"restarting": True}
    views = cold("views")
    return views.status(app) if where == b"/status" else views.log()


def _pin(req):
    name = req.url_match.group(1)
    if "%" in name or "+" in name:
        name = cold("query").unquote(name, "pin")
    pin = gpio.find(name.encode())
    if req.method == "PUT":
        return api.act(req, pin, cold("body").json_object(req, _BODY), True)
    body = cold("listing").described(gpio.pins.index(pin), cold("snapshot").of(pin)).encode()
    return api.OK % (len(body), body)


async def _restart():
    await asyncio.sleep_ms(_RESTART_MS)
    net.log.info("restart: somebody asked for it")
    net.restart(retained.ASKED)
