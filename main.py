"""Composes the firmware and serves: settings, pins and network are up since boot.py."""

import gc

from picopin.api import Api
from picopin.log import log

gc.collect()
app = Api(current)  # noqa: F821 - boot.py left it here
app.run(host="0.0.0.0", port=current.HTTP_PORT, debug=0, log=log)  # noqa: F821
