"""sys.stdout.buffer as the chip has it, in a `sys` that else is MicroPython's own.

print(), sys.stdout and sys.stderr go through mp_hal_stdout_tx_strn_cooked(), CR LF for LF
(shared/runtime/stdout_helpers.c); a `buffer` of them does not (sys_stdio_mphal.c,
stdio_buffer_write()). The unix port writes both alike: its host cooks what is printed, and gets
what is not to be cooked over the bus.
"""

import io
import sys

import bus
import ops

_GET_FILENO = 10  # MP_STREAM_GET_FILENO of py/stream.h, for poll()


class _Stream(io.IOBase):
    def __init__(self, write):
        self.write = write

    def ioctl(self, request, argument):
        return 1 if request == _GET_FILENO else -22


def _uncooked(data, call=bus.call):
    if isinstance(data, str):
        data = data.encode()
    call(ops.SERIAL, 0, 0, 0, data)
    return len(data)


def _sys(own):
    """Make this module the program's `sys`."""
    buffer = _Stream(_uncooked)
    for name in dir(own):
        globals()[name] = getattr(own, name)
    for name in ("stdout", "stderr"):
        stream = _Stream(getattr(own, name).write)
        stream.buffer = buffer
        globals()[name] = stream
    own.modules["sys"] = own.modules["stdio"]
    for name in ("io", "sys", "bus", "ops", "_sys"):
        globals().pop(name, None)


_sys(sys)
