"""picopin.cold.check: config.PINS against what each pin of the chip can do."""

from harness import equal, run

from picopin import cold

check = cold("check")


def load(*entries):
    """(PINS that can be used, the mistakes)."""
    settings = check.load({"AP_PASSWORD": "good-and-long", "PINS": list(entries)})
    return settings.PINS, settings.mistakes


def out(pin=4, **more):
    entry = {"pin": pin, "mode": "out"}
    entry.update(more)
    return entry


def assert_refused(entry, said):
    """Its one mistake says so and names the entry; the pin is not used."""
    pins, mistakes = load(entry)
    equal((len(pins), len(mistakes)), (0, 1), (entry, mistakes))
    assert mistakes[0].startswith("PINS, entry 1"), mistakes
    assert said in mistakes[0], (entry, mistakes)


def test_every_pin_by_number_and_name():
    names = ["D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "SD2", "SD3"]
    numbers = [16, 5, 4, 0, 2, 14, 12, 13, 15, 9, 10]
    for given in (names, [name.lower() for name in names], numbers):
        pins, mistakes = load(*[out(pin) for pin in given])
        equal(mistakes, [])
        equal([pin["pin"] for pin in pins], numbers)


def test_pins_that_do_not_exist():
    for pin in (-1, 17, 99, "D9", "A1", "4", "", "led", None, True, 4.0, [4], b"D4"):
        assert_refused(out(pin), "pin must be")
    assert_refused({"mode": "out"}, "pin must be")


def test_pins_that_are_never_free():
    for pin in (6, 7, 8, 11):
        assert_refused(out(pin), "flash")
    for pin in (1, 3, "TX", "RX"):
        assert_refused(out(pin), "console")


def test_entries_that_are_none():
    for entry in (5, "D4", None, [], ("D4", "out")):
        assert_refused(entry, "must be {")
    for pins in ("D4", 5, None, {"D4": "out"}):
        mistakes = check.load({"AP_PASSWORD": "12345678", "PINS": pins}).mistakes
        equal(len(mistakes), 1)
        assert mistakes[0].startswith("PINS: must be a list"), mistakes


def test_modes():
    for mode in ("OUT", "output", "", None, 1, True, []):
        assert_refused({"pin": 4, "mode": mode}, "mode must be")
    assert_refused({"pin": 4}, "mode must be")


def test_what_each_mode_takes():
    good = (
        out(name="a", active_low=True, boot="last", max_on=5, group="g", read_only=True),
        {"pin": 4, "mode": "pwm", "name": "a", "active_low": True, "boot": "on", "read_only": True},
        {"pin": 4, "mode": "in", "name": "a", "active_low": True, "pull": "up", "debounce": 50},
        {"pin": "A0", "mode": "analog", "name": "a", "full_scale": 3.3},
    )
    for entry in good:
        equal(load(entry)[1], [], entry)
    for mode, key in (
        ("out", "pull"),
        ("out", "debounce"),
        ("pwm", "max_on"),
        ("pwm", "group"),
        ("in", "boot"),
        ("in", "max_on"),
        ("out", "activelow"),
        ("out", "full_scale"),
    ):
        assert_refused({"pin": 4, "mode": mode, key: 1}, key)


def test_what_the_chip_cannot_do():
    assert_refused({"pin": 16, "mode": "pwm"}, "no PWM")
    for pin in (9, 10):
        assert_refused({"pin": pin, "mode": "pwm"}, "no PWM")
    assert_refused({"pin": 16, "mode": "in", "pull": "up"}, "no pull-up")
    assert_refused({"pin": 4, "mode": "analog"}, "A0")
    for mode in ("out", "in", "pwm"):
        assert_refused({"pin": "A0", "mode": mode}, "A0")


def test_values():
    for key, values in (
        ("name", ["", "x" * 17, "4", "2nd", "a b", "a/b", "\u00fc", "_x", 5, True]),
        ("active_low", [1, 0, "yes", None]),
        ("read_only", [1, "no", None]),
        ("boot", ["ON", "high", True, None, 1]),
        ("max_on", [0, -1, 0.001, 86401, "30", True, None, []]),
        ("group", ["", "a b", 5, True]),
    ):
        for value in values:
            assert_refused(out(**{key: value}), key)
    for value in ("down", "UP", True, 1):
        assert_refused({"pin": 4, "mode": "in", "pull": value}, "pull")
    for value in (-1, 1001, "50", True, None):
        assert_refused({"pin": 4, "mode": "in", "debounce": value}, "debounce")
    for value in (0, -1, 101, "3.3", True):
        assert_refused({"pin": "A0", "mode": "analog", "full_scale": value}, "full_scale")


def test_names():
    for name in ("a", "led-1", "LED_2", "x" * 16):
        equal(load(out(name=name))[1], [], name)
    assert_refused(out(4, name="D1"), "another pin")
    assert_refused(out(4, name="a0"), "another pin")
    equal(load(out(4, name="D2"))[1], [])


def test_two_of_one():
    """The first stays; a name is taken however it is written."""
    for first, second, said in (
        (out(4), out(4), "4"),
        (out(4), out("D2"), "4"),
        (out(4, name="a"), out(5, name="a"), "a"),
    ):
        pins, mistakes = load(first, second)
        equal(([pin["pin"] for pin in pins], len(mistakes)), ([4], 1), mistakes)
        assert mistakes[0].startswith("PINS, entry 2") and said in mistakes[0], mistakes


def test_a_refused_entry_takes_no_name():
    pins, mistakes = load(out(6, name="a"), out(4, name="a"))
    equal(([pin["pin"] for pin in pins], len(mistakes)), ([4], 1))


def test_every_mistake_is_named():
    entries = [out(6), out(4), 5, out(17), out(5, boot="x"), out(12)]
    pins, mistakes = load(*entries)
    equal([pin["pin"] for pin in pins], [4, 12])
    equal([text.split(" ")[2][0] for text in mistakes], ["1", "3", "4", "5"])


run(globals())
