"""picopin.gpio: a timed output whose timer ends it while it is looked at."""

import sys

from harness import equal, run


class Machine:
    """As much of `machine` as importing it takes: no pin is touched here."""

    Pin = None

    class Timer:
        def __init__(self, number):
            pass

    class RTC:
        def memory(self, data=b""):
            return bytes(492)


sys.modules["umachine"] = Machine

from picopin.gpio import Output  # noqa: E402


class Ending:
    """An output that is timed when it is first looked at, and no more at the second look."""

    looks = 0

    @property
    def until(self):
        self.looks += 1
        return 0 if self.looks == 1 else None


def test_the_time_left_is_read_once():
    equal(type(Output.ms_left(Ending())), int)


run(globals())
