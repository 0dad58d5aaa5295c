"""The last lines of the log, and how to write one: `log.info("... %d", n)` as with ulogging.

ulogging itself, and what prints and shows the lines, is in cold.journal: loaded
for each line, since lines are rare and it would hold three kilobytes of heap.
"""

from micropython import const

from picopin import cold

_SIZE = const(402)  # bytes kept, and two for where the next one goes

kept = bytearray(_SIZE)  # see cold.journal.Ring


class Log:
    """A ulogging.Logger, there when a line is written."""

    lost = 0  # lines for which memory lacked

    def __getattr__(self, level):
        try:
            return getattr(cold("journal").logger(kept), level)
        except MemoryError:  # a line more or less must not end what is being done
            self.lost += 1
            return _unheard


def _unheard(*args):
    pass


log = Log()
