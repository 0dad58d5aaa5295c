"""What main.py does once the app is made."""

import gc

from picopin import cold, net
from picopin.log import log


def run(app, host="0.0.0.0"):
    """Serve until Ctrl-C at the console; host: the address to listen at, all of them as a rule."""
    cold("spare").drop(app)
    cold("names").load()
    gc.collect()
    cold("early").guard()
    try:
        app.run(host=host, port=app.settings.HTTP_PORT, debug=0, log=log)
    finally:  # whoever sits at the console must not be reset
        try:
            net.timer.deinit()
        finally:  # mpremote and ampy send Ctrl-C twice
            net.timer.deinit()

