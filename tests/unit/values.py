"""picopin.cold.values and cold.limits: the numbers in a request."""

from harness import equal, refusal, run

from picopin import cold

values = cold("values")
limits = cold("limits")


def as_sent(value):
    """A query's values are bytes, JSON's are str, numbers and all the rest; None is JSON's null."""
    return value.encode() if isinstance(value, str) else value


def test_seconds_become_milliseconds():
    for given, wanted in (
        ("5", 5000),
        ("0.5", 500),
        ("0.01", 10),
        ("0.010", 10),
        ("1.25", 1250),
        ("1.2345", 1235),
        ("0.7999999999999999", 800),
        ("0.0095", 10),
        ("86400", 86400000),
        ("007", 7000),
        ("0.30000000000000004", 300),
        (5, 5000),
        (0.5, 500),
        (0.01, 10),
        (1.5, 1500),
        (1.3, 1300),
        (40000.3, 40000300),
        (86399.9, 86399900),
        (1e1, 10000),
    ):
        equal(limits.milliseconds({"for": as_sent(given)}), wanted, given)


NO_SECONDS = """
. .5 5. 0 0.0 0.001 0.009 -1 +1 1e3 1,5 1.2.3 .. 1_0 0x10 inf nan x 5s 12345678901 1.-5 \u0665
"""


def test_what_are_no_seconds():
    numbers = [0, 0.001, -1, -0.5, 1e30, float("inf"), float("nan")]
    for given in NO_SECONDS.split() + ["", " 5", "5 ", True, False, None, [], {}] + numbers:
        got = refusal(limits.milliseconds, {"for": as_sent(given)})
        equal(got, ("bad_for", "for"), given)


def test_whole_numbers():
    whole = (("0", 0), ("1023", 1023), ("007", 7), (0, 0), (512, 512), (1023, 1023), (5.0, 5))
    for given, wanted in whole:
        equal(values.number({"duty": as_sent(given)}, "duty", 0, 1023), wanted, given)
    equal(values.number({}, "duty", 0, 1023), None)


def test_what_are_no_whole_numbers():
    words = ["-1", "+1", "1024", "5.5", "x", "0x1", "1_0", "99999999999", "1e2"]
    for given in words + ["", " 5", "5 ", -1, 1024, 0.5, 1e9, True, False, None, [], {}, 10**30]:
        got = refusal(values.number, {"duty": as_sent(given)}, "duty", 0, 1023)
        equal(got, ("bad_number", "duty"), given)


run(globals())
