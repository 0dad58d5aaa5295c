"""GET /wifi: what is near, and what is known."""

import ujson as json

from picopin import cold, net


def show(app):
    """Return a long answer, as web.Server has it.  No password is in it."""
    about = {
        "state": net.state,
        "ssid": net.ssid or "",
        "address": net.sta.ifconfig()[0],
        "asked": net.asked and {"ssid": net.asked[0], "outcome": net.asked[1]},
        "known": _known(app.settings),
        "scanning": net.wants_scan,
        "age": None if net.scanned_at is None else app.uptime - net.scanned_at,
    }
    packed = net.scanned
    unpack = cold("scan").unpack

    def pieces():
        yield json.dumps(about)[:-1] + ', "networks": ['
        comma = ""
        for name, rssi, channel, authmode in unpack(packed):
            if name:  # else it hides
                near = {"ssid": _shown(name), "rssi": rssi, "channel": channel}
                near["open"] = authmode == 0
                yield comma + json.dumps(near)
                comma = ", "
        yield "]}"

    return (pieces,)


def _known(settings):
    """Return each known network once, with why it cannot be joined, if it is so."""
    known = []
    names = set()
    saved = {entry[0] for entry in cold("saved").load()}
    troubles = net.troubles or {}
    for ssid, _, _ in cold("saved").known(settings):
        if ssid not in names:
            names.add(ssid)
            known.append({"ssid": ssid, "saved": ssid in saved, "trouble": troubles.get(ssid)})
    return known


def _shown(name):
    """Return a network's name as text; one that is not UTF-8 with a ? for each odd byte."""
    try:
        return cold("utf8").decode(name)
    except ValueError:
        return "".join([chr(c) if c < 128 else "?" for c in name])
