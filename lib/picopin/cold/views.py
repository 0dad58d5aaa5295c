"""What is shown of the board: /status, /log."""

import gc

import umachine as machine

from picopin import VERSION, cold
from picopin.log import kept

_CAUSES = (
    "power on",
    "hardware watchdog",
    "exception",
    "software watchdog",
    "restart",
    "wake",
    "reset button",
)


def status(app):
    """Return /status as a dict."""
    answer = cold("link").status()
    answer["version"] = VERSION
    answer["uptime"] = app.uptime
    settings = app.settings
    answer["reset"] = settings.reset or _CAUSES[machine.reset_cause()]
    gc.collect()
    free = gc.mem_free()
    app.lowest = min(app.lowest, free)
    answer["heap"] = {"free": free, "lowest": app.lowest}
    answer["requests"] = {
        "served": app.served,
        "refused": app.refused,
        "timed_out": app.timed_out,
        "faults": app.faults,
        "no_memory": app.no_memory,
        "open": len(app.open),
        "relistened": app.relistened,
    }
    answer["config"] = settings.mistakes
    answer["trouble"] = settings.trouble and cold("safety").explain(settings.trouble)
    return answer


def log():
    """Return /log as a dict."""
    return {"lines": [line for line in cold("journal").text(kept).split("\n") if line]}
