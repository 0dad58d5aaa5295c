"""config.py, checked: every mistake named, and something safe in its place.

Pure: runs on the board at start, and on a PC before anything is flashed.
"""

from picopin import cold

chip = cold("chip")

_AP = ("always", "fallback", "never")
_PWM = (0, 2, 4, 5, 12, 13, 14, 15)
_MODES = {
    "out": ("pin", "name", "mode", "active_low", "boot", "max_on", "group", "read_only"),
    "pwm": ("pin", "name", "mode", "active_low", "boot", "read_only"),
    "in": ("pin", "name", "mode", "active_low", "pull", "debounce"),
    "analog": ("pin", "name", "mode", "full_scale"),
}
_BOOT = ("off", "on", "last", "leave")


def load(config):
    """Return the settings from `config`: a module, a dict of names, or None for all defaults."""
    settings = cold("settings").load()
    if config is None:
        settings.mistakes.append("config.py: could not be read; the defaults are in force")
        settings.trouble = "config.py does not run"
        return settings
    given = config if isinstance(config, dict) else config.__dict__
    for name in sorted(given):
        if name[0] == "_" or name.upper() != name:
            continue
        if name not in _CHECKS:
            settings.mistakes.append(
                "%s: there is no such setting; there are %s" % (name, ", ".join(sorted(_CHECKS)))
            )
            continue
        _CHECKS[name](settings, name, given[name])
    if "AP_PASSWORD" not in given:
        settings.mistakes.append('AP_PASSWORD: is missing; 8 to 63 characters, or "" for none')
    return settings


def is_wifi_name(text):
    """Return True for what a network can be called: 1 to 32 bytes (IEEE 802.11, 9.4.2.2)."""
    return isinstance(text, str) and 1 <= len(text.encode()) <= 32


def is_wpa_key(text):
    """Return True for a WPA2 password: 8 to 63 characters (IEEE 802.11, annex J)."""
    return isinstance(text, str) and 8 <= len(text.encode()) <= 63


def _complain(settings, name, why):
    settings.mistakes.append("%s: %s" % (name, why))


def _wifi(settings, name, value):
    networks = []
    if not isinstance(value, (list, tuple)):
        _complain(settings, name, 'must be a list: [("network", "password")]')
        return
    for at, pair in enumerate(value):
        where = "%s, entry %d" % (name, at + 1)
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            _complain(settings, where, 'must be ("network", "password")')
        elif not is_wifi_name(pair[0]):
            _complain(settings, where, "a network's name has 1 to 32 bytes")
        elif pair[1] != "" and not is_wpa_key(pair[1]):
            _complain(settings, where, 'a password has 8 to 63 characters, or "" for none')
        else:
            networks.append(tuple(pair))
    settings.WIFI = networks


def _hostname(settings, name, value):
    if isinstance(value, str) and 1 <= len(value) <= 32 and _is_label(value):
        settings.HOSTNAME = value.lower()
    else:
        _complain(settings, name, "must be 1 to 32 letters, digits or -, not beginning with -")


def _is_label(text):
    for c in text.lower():
        if not ("a" <= c <= "z" or "0" <= c <= "9" or c == "-"):
            return False
    return text[0] != "-" and text[-1] != "-"


def _ap(settings, name, value):
    if value in _AP:
        settings.AP = value
    else:
        _complain(settings, name, 'must be "always", "fallback" or "never"')


def _captive(settings, name, value):
    if value in ("page", "quiet"):
        settings.CAPTIVE = value
    else:
        _complain(settings, name, 'must be "page" or "quiet"')


def _ap_ssid(settings, name, value):
    if value is None or is_wifi_name(value):
        settings.AP_SSID = value
    else:
        _complain(settings, name, "must be None or a name of 1 to 32 bytes")


def _ap_password(settings, name, value):
    if value == "" or is_wpa_key(value):
        settings.AP_PASSWORD = value
    elif isinstance(value, str):
        why = 'has %d characters; Wi-Fi takes 8 to 63, or "" for an open network'
        _complain(settings, name, why % len(value))
    else:
        _complain(settings, name, 'must be text: 8 to 63 characters, or "" for an open network')


def _password(settings, name, value):
    if value is None or (isinstance(value, str) and 1 <= len(value.encode()) <= 64):
        settings.PASSWORD = value
    else:
        settings.PASSWORD = False
        _complain(settings, name, "must be None, or text of 1 to 64 bytes; nobody gets in")


def _hosts(settings, name, value):
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) and v for v in value):
        settings.HOSTS = [v.lower() for v in value]
    else:
        _complain(settings, name, 'must be a list of names: ["board.example"]')


def _yes_no(settings, name, value):
    if isinstance(value, bool):
        setattr(settings, name, value)
    else:
        _complain(settings, name, "must be True or False")


def _port(settings, name, value):
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        settings.HTTP_PORT = value
    else:
        _complain(settings, name, "must be a number from 1 to 65535")


def _pins(settings, name, value):
    settings.PINS = _usable_pins(value, settings.mistakes.append)


_CHECKS = {
    "WIFI": _wifi,
    "HOSTNAME": _hostname,
    "AP": _ap,
    "AP_SSID": _ap_ssid,
    "CAPTIVE": _captive,
    "AP_PASSWORD": _ap_password,
    "PASSWORD": _password,
    "HOSTS": _hosts,
    "CHANGE_BY_GET": _yes_no,
    "TOGGLE_BY_GET": _yes_no,
    "HTTP_PORT": _port,
    "PINS": _pins,
}


# -- PINS


def _usable_pins(pins, complain):
    """Return the entries of config.PINS that can be used, as dicts with `pin` a number.

    pins: what config.py says.  complain(text): called for each mistake; a pin
    with a mistake is left out, so that nothing is driven by a misreading.
    """
    usable = []
    if not isinstance(pins, (list, tuple)):
        complain("PINS: must be a list: [ {...}, {...} ]")
        return usable
    taken = {}
    for at, entry in enumerate(pins):
        where = "PINS, entry %d" % (at + 1)
        if not isinstance(entry, dict):
            complain('%s: must be {"pin": ..., "mode": ...}, not %r' % (where, entry))
            continue
        if entry.get("pin") is not None:
            where += " (pin %s)" % entry["pin"]
        why = _mistake(entry, taken)
        if why:
            complain("%s: %s" % (where, why))
            continue
        entry["pin"] = _number(entry["pin"])
        usable.append(entry)
    return usable


def _number(pin):
    """Return the GPIO number for 2, "D4" or "A0"; None where there is none."""
    if isinstance(pin, str):
        return chip.printed(pin)
    if isinstance(pin, int) and not isinstance(pin, bool) and chip.exists(pin):
        return pin
    return None


def _mistake(entry, taken):
    """Return what is wrong with one entry of PINS, or None.  taken: what earlier ones use."""
    number = _number(entry.get("pin"))
    if number is None:
        return 'pin must be a GPIO number from 0 to 16 or a name like "D4" or "A0"'
    why = chip.refused(number)
    if why:
        return "GPIO%d cannot be used: %s" % (number, why)
    mode = entry.get("mode")
    if mode not in _MODES:
        return 'mode must be "out", "in", "pwm" or "analog"'
    for key in entry:
        if key not in _MODES[mode]:
            return "%s is not for mode %s, which takes %s" % (key, mode, ", ".join(_MODES[mode]))
    return (
        _unfit(number, mode, entry)
        or _bad_value(entry)
        or _taken(number, taken, "pin")
        or _taken(entry.get("name"), taken, "name")
    )


def _unfit(number, mode, entry):
    """Return what this pin of the chip cannot do, or None."""
    if (mode == "analog") != (number == chip.ANALOG):
        return 'A0 is the one analog pin, and "analog" is all it can do'
    if mode == "pwm" and number not in _PWM:
        return "GPIO%d has no PWM: 0, 2, 4, 5, 12, 13, 14 and 15 have" % number
    if number == 16 and entry.get("pull"):
        return "GPIO16 has no pull-up"
    return None


def _bad_value(entry):
    """Return which value of an entry is not of its kind, or None."""
    name = entry.get("name")
    if name is not None and not (isinstance(name, str) and chip.is_word(name)):
        return "name must be 1 to 16 letters, digits, - or _, beginning with a letter"
    if name is not None and chip.printed(name) not in (None, _number(entry["pin"])):
        return "name %s is what the board calls another pin" % name
    for key in ("active_low", "read_only"):
        if not isinstance(entry.get(key, False), bool):
            return "%s must be True or False" % key
    if entry.get("boot", "off") not in _BOOT:
        return 'boot must be "off", "on", "last" or "leave"'
    if entry.get("pull") not in (None, "up"):
        return 'pull must be "up" or None: the chip has no pull-down'
    group = entry.get("group")
    if group is not None and not (isinstance(group, str) and chip.is_word(group)):
        return "group must be a word"
    for key, low, high in (
        ("max_on", 0.01, 86400),
        ("debounce", 0, 1000),
        ("full_scale", 0.1, 100),
    ):
        if key in entry and not _in_range(entry[key], low, high):
            return "%s must be a number from %s to %s" % (key, low, high)
    return None


def _in_range(value, low, high):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _taken(value, taken, what):
    """Remember `value`; return a complaint where an earlier entry has it."""
    if value is None:
        return None
    if value in taken:
        return "%s %s is given to two entries" % (what, value)
    taken[value] = True
    return None
