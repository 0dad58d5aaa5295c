"""Interrupts: timers and pins of the host become scheduled callbacks in this interpreter.

A thread waits for pairs (kind, unit), marks them due and schedules _dispatch, so that a callback
also breaks into a busy loop, as it does on the chip (ports/esp8266/modmachine.c, esp_timer_cb).
MicroPython has no lock between threads: this one allocates nothing and touches nothing but two
bytearrays and the scheduler, which has a lock of its own.
It also writes to `wake`, which every poll() watches, so that a sleeper runs callbacks at once.
"""

import _thread
import sys
from os import system
from micropython import schedule
from utime import sleep_ms

UNITS = 16
handlers = [None] * (2 * UNITS)  # kind * UNITS + unit -> function of the unit
wake = None

_due = bytearray(2 * UNITS)
_pair = bytearray(2)
_byte = bytearray(1)
_SCHEDULED = 0  # _dispatch waits in the scheduler
_AWAKE = 1  # a byte lies in `wake`
_state = bytearray(2)


def attach(events_fd, wake_read_fd, wake_write_fd):
    global wake
    wake = open(wake_read_fd, "rb", buffering=0)
    waker = open(wake_write_fd, "wb", buffering=0)
    line = open(events_fd, "rb", buffering=0)
    arguments = (line.readinto, _pair, _due, _state, waker.write, bytes(1), schedule, _dispatch)
    _thread.start_new_thread(_listen, arguments)


def _listen(read, pair, due, state, write, byte, schedule, dispatch):
    """The thread. What it uses are locals: a dict may change under it."""
    while read(pair) == 2:
        due[pair[0] * 16 + pair[1]] = 1
        while not state[0]:
            state[0] = 1
            try:
                schedule(dispatch, None)
            except RuntimeError:  # the firmware filled the queue itself: it must run first
                state[0] = 0
                sleep_ms(1)
        if not state[1]:
            state[1] = 1
            write(byte)
    system("kill -9 $PPID")  # the host is gone, and with it the hardware


def _dispatch(_):
    _state[_SCHEDULED] = 0
    for i in range(2 * UNITS):
        if _due[i]:
            _due[i] = 0
            handler = handlers[i]
            if handler:
                try:
                    handler(i % UNITS)
                except Exception as error:
                    # py/runtime_utils.c: it is printed and the program goes on
                    sys.print_exception(error)


def woken():
    """True once after events came: whoever polled must poll again, `wake` was among the ready."""
    if not _state[_AWAKE]:
        return False
    _state[_AWAKE] = 0
    try:
        wake.readinto(_byte)
    except KeyboardInterrupt:
        wake.readinto(_byte)  # a byte left behind would look like a stream of the program's
        raise
    return True
