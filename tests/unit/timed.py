"""picopin.gpio: a timed output whose timer ends it while it is looked at."""

from harness import equal, run

from picopin.gpio import Output


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
