"""POST /wifi: joining another network, forgetting one, looking for them."""

from picopin import Refusal, api, cold, net

_KEYS = ("ssid", "password", "scan", "forget")


def change(app, req):
    """Do what a POST asks: scan, forget, or save and join.  Returns a browser's answer, or None."""
    asked = _asked(req)
    api.check_change(req)
    if app.settings.PASSWORD is None and not cold("portal").is_ap_side(req):
        raise Refusal("not_from_here")
    cold("query").only(asked, _KEYS)
    what = [key for key in asked if key != "password"]
    if len(what) != 1 or ("password" in asked and what != ["ssid"]):
        raise Refusal("bad_wifi", what[0] if what else "ssid")
    if what == ["ssid"]:
        _join(asked)
    elif what == ["forget"]:
        _forget(app.settings, _text(asked, "forget"))
    elif asked["scan"] in (True, b"1", b"true"):
        net.wants_scan = True
    else:
        raise Refusal("bad_wifi", "scan")
    if b"text/html" in req.headers.get(b"Accept", b""):
        return cold("head").head(303, 0, "text/html", b"Location: /#net\r\n")


def _asked(req):
    body = cold("body")
    if req.headers.get(b"Content-Type", b"")[:16].lower() == b"application/json":
        return body.json_object(req, _KEYS)
    return body.form(req)


def _text(asked, name):
    """Return a parameter as str; Refusal where JSON gave something else."""
    value = asked.get(name, b"")
    if not isinstance(value, bytes):
        raise Refusal("not_text", name, None, (name,))
    return value.decode()


def _join(asked):
    ssid = _text(asked, "ssid")
    key = _text(asked, "password")
    if not 1 <= len(ssid.encode()) <= 32 or "\0" in ssid:
        raise Refusal("bad_ssid", "ssid")
    if key and not 8 <= len(key.encode()) <= 63 or "\0" in key:
        raise Refusal("bad_wifi_password", "password")
    saved = cold("saved")
    if not saved.add(ssid, key):
        raise Refusal("wifi_full", "ssid", None, (saved.MOST,))
    cold("station").ask(ssid, key)


def _forget(settings, ssid):
    if cold("saved").forget(ssid):
        if net.troubles:
            net.troubles.pop(ssid, None)
        if net.ssid == ssid:
            cold("station").leave()
        return
    names = [entry[0] for entry in settings.WIFI]
    raise Refusal("wifi_in_config" if ssid in names else "no_such_network", "forget")
