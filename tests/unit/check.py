"""picopin.cold.check: every mistake in config.py named, and something safe in its place."""

from harness import equal, run

from picopin import cold

check = cold("check")
GOOD = "good-and-long"


def load(**given):
    """Settings from these lines of config.py; the AP's password is good unless given."""
    lines = {"AP_PASSWORD": GOOD}
    lines.update(given)
    return check.load(lines)


def mistakes_of(name, values):
    """What is said of each value of one line; each must give one mistake, that names the line."""
    for value in values:
        mistakes = load(**{name: value}).mistakes
        equal(len(mistakes), 1, (name, value, mistakes))
        assert mistakes[0].startswith(name), mistakes
        yield mistakes[0]


def kept(name, value):
    """What the firmware gets of a line without a mistake."""
    settings = load(**{name: value})
    equal(settings.mistakes, [], (name, value))
    return getattr(settings, name)


def test_without_a_config_there_are_defaults():
    settings = check.load(None)
    equal(len(settings.mistakes), 1)
    equal((settings.AP, settings.AP_PASSWORD, len(settings.PINS)), ("always", None, 0))


def test_a_module_will_do():
    class Config:
        AP_PASSWORD = GOOD
        HOSTNAME = "Shed"
        helper = "names in small letters are the owner's own"
        _PRIVATE = 5

    settings = check.load(Config)
    equal((settings.mistakes, settings.HOSTNAME), ([], "shed"))


def test_unknown_names():
    said = list(mistakes_of("WIFFI", [[]]))[0]
    assert "no such setting" in said and "WIFI" in said


def test_wifi():
    equal(list(kept("WIFI", [])), [])
    networks = [
        ("home", "12345678"),
        ["b" * 32, "x" * 63],
        ("open", ""),
        ("\u00fc" * 16, "12345678"),
    ]
    equal(len(kept("WIFI", networks)), 4)
    list(mistakes_of("WIFI", ["home", 5, None, {}, ["home"], [("home",)], [("a", "b", "c")]]))
    for name in ("", "x" * 33, "\u00fc" * 17, 5, None):
        assert "name" in list(mistakes_of("WIFI", [[(name, "12345678")]]))[0]
    for key in ("1234567", "x" * 64, 12345678, None):
        assert "8 to 63" in list(mistakes_of("WIFI", [[("home", key)]]))[0]


def test_one_bad_network_leaves_the_others():
    settings = load(WIFI=[("a", "12345678"), ("b", "short"), ("c", "12345678")])
    equal([pair[0] for pair in settings.WIFI], ["a", "c"])
    assert "entry 2" in settings.mistakes[0]


def test_hostname():
    equal(kept("HOSTNAME", "Shed-1"), "shed-1")
    equal(kept("HOSTNAME", "x" * 32), "x" * 32)
    bad = ["", "x" * 33, "my board", "-x", "x-", "b\u00fc", "a.b", "a_b", 5, None, ["x"]]
    assert len(list(mistakes_of("HOSTNAME", bad))) == len(bad)
    equal(load(HOSTNAME="no good").HOSTNAME, "picopin")


def test_ap():
    for value in ("always", "fallback", "never"):
        equal(kept("AP", value), value)
    list(mistakes_of("AP", ["sometimes", "", True, None, 1, ["always"]]))
    equal(load(AP="sometimes").AP, "always")


def test_ap_ssid():
    equal(kept("AP_SSID", None), None)
    equal(kept("AP_SSID", "\u00fc" * 16), "\u00fc" * 16)
    list(mistakes_of("AP_SSID", ["", "x" * 33, "\u00fc" * 17, 5, True, b"x"]))


def test_ap_password():
    for value in ("", "12345678", "x" * 63, "a b&c%;\"'"):
        equal(kept("AP_PASSWORD", value), value)
    bad = ["1234567", "x" * 64, None, 12345678, b"12345678", False]
    list(mistakes_of("AP_PASSWORD", bad))
    for value in bad:
        equal(load(AP_PASSWORD=value).AP_PASSWORD, None)
    assert "7 characters" in list(mistakes_of("AP_PASSWORD", ["1234567"]))[0]


def test_a_missing_ap_password_is_a_mistake():
    settings = check.load({})
    equal(settings.AP_PASSWORD, None)
    assert "AP_PASSWORD" in settings.mistakes[0]


def test_password():
    for value in (None, "x", "\u00fc" * 32):
        equal(kept("PASSWORD", value), value)
    bad = ["", "x" * 65, "\u00fc" * 33, 5, True, False, b"x", ["x"]]
    list(mistakes_of("PASSWORD", bad))
    for value in bad:
        assert load(PASSWORD=value).PASSWORD is False


def test_no_mistake_repeats_a_password():
    secret = "hidden" * 20
    for name, values in (
        ("PASSWORD", (secret, [secret], {secret: 1})),
        ("AP_PASSWORD", (secret, [secret], {secret: 1})),
        ("WIFI", ([("home", secret)], ["home", secret], [["home", secret, 1]], secret)),
    ):
        for said in mistakes_with(name, values):
            assert "hidden" not in said, said


def mistakes_with(name, values):
    """All that is said of these values of a line."""
    return [said for value in values for said in load(**{name: value}).mistakes]


def test_hosts():
    equal(kept("HOSTS", []), [])
    equal(kept("HOSTS", ("Board.example", "b")), ["board.example", "b"])
    list(mistakes_of("HOSTS", ["board.example", 5, None, [5], [""], {"a": 1}]))


def test_yes_or_no():
    for name in ("CHANGE_BY_GET", "TOGGLE_BY_GET"):
        for value in (True, False):
            equal(kept(name, value), value)
        list(mistakes_of(name, ["yes", 1, 0, None, "False", []]))


def test_port():
    for value in (1, 80, 65535):
        equal(kept("HTTP_PORT", value), value)
    list(mistakes_of("HTTP_PORT", [0, -1, 65536, "80", 80.0, True, None]))


run(globals())
