"""What main.py does once the app is made."""

import gc

from picopin import cold, gpio, net
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
            _stop()
        finally:  # mpremote and ampy send Ctrl-C twice
            _stop()


def _stop():
    """End what a Timer would: one that is armed at Ctrl-D crashes the chip (main.c, soft_reset)."""
    net.timer.deinit()
    for pin in gpio.pins:
        if pin.ms_left() is not None:
            pin.switch(pin.back and not pin.rival())
