"""Composes the firmware and serves: settings, pins and network are up since boot.py."""

import gc

import uasyncio as asyncio

from picopin.api import Api
from picopin.log import log

gc.collect()
app = Api(current)  # noqa: F821 - boot.py left it here
loop = asyncio.get_event_loop()
loop.create_task(app.keep_house())
app.run(host="0.0.0.0", port=current.HTTP_PORT, debug=0, log=log)  # noqa: F821
