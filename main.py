"""Composes the firmware and serves: settings, pins and network are up since boot.py."""

settings = current  # noqa: F821  # pyright: ignore - boot.py left it here

try:
    import gc

    from picopin import cold, net
    from picopin.api import Api
    from picopin.log import log

    try:
        gc.collect()
        app = Api(settings)
        cold("early").meet()
        gc.collect()
        cold("early").guard()
        app.run(host="0.0.0.0", port=settings.HTTP_PORT, debug=0, log=log)
    finally:  # Ctrl-C at the console: whoever sits there must not be reset
        try:
            net.timer.deinit()
        finally:  # mpremote and ampy send it twice
            net.timer.deinit()
except Exception as e:
    from picopin import cold

    cold("safety").crashed(e)
