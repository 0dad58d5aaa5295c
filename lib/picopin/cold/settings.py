"""The settings as the firmware uses them; check.load fills them in from config.py."""


def load():
    """Return a new namespace of them: a class of its own, which takes less heap than an object."""

    class Settings:
        """Each as config.py has it or, where that is no use, this default."""

        WIFI = ()  # (network name, password), in the order of config.py
        HOSTNAME = "picopin"
        AP = "always"
        AP_SSID = None  # None: picopin- and the end of the MAC address
        AP_PASSWORD = None  # None: not usable; the last good AP or RESCUE_KEY serves
        PASSWORD = None  # None: no password; False: unusable, so nobody gets in
        HOSTS = ()
        CAPTIVE = "page"
        CHANGE_BY_GET = True
        TOGGLE_BY_GET = False
        HTTP_PORT = 80
        PINS = ()  # dicts, as policy.check returns them

        trouble = None  # why the board is in safe mode
        reset = None  # what ended the start before, where the chip itself does not know

    Settings.mistakes = []
    return Settings
