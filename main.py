"""Composes the firmware and serves: settings, pins and network are up since boot.py.

Short, since the chip compiles it at each start and keeps it while it runs.
"""

from picopin import cold

try:
    import gc

    for name in ("net", "wire", "headers", "request", "web", "query", "api"):
        gc.collect()
        __import__("picopin." + name)
    from picopin.api import Api

    gc.collect()
    app = Api(current)  # noqa: F821  # pyright: ignore - boot.py left the settings here
    cold("serving").run(app)
except Exception as e:
    cold("safety").crashed(e)
