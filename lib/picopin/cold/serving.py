"""What main.py does once the app is made."""

import gc

import uasyncio as asyncio

from picopin import cold, gpio, net
from picopin.log import log


def run(app, host="0.0.0.0"):
    """Serve until Ctrl-C at the console; host: the address to listen at, all of them as a rule."""
    cold("spare").drop(app)
    cold("names").load()
    gc.collect()
    cold("early").guard()
    # What picoweb's run() does, but asyncio's loop begins here: run(), serve() and run_forever() in
    # between would take 864 of the chip's 8,192 bytes of stack from every request.
    app.log = log
    app.init()
    for mounted in app.mounts:
        mounted.init()
    app.begin(host, app.settings.HTTP_PORT)
    try:
        while True:
            try:
                return asyncio.core.run_until_complete()
            except MemoryError:  # in the loop itself, between two tasks: all of them go on
                app.no_memory += 1
                gc.collect()
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
