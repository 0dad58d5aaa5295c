"""Interrupts on the chip's own processor: a list of handlers that interrupts.c schedules."""

import _events

UNITS = 16
handlers = [None] * (2 * UNITS)  # kind * UNITS + unit -> function of the unit

_events.attach(handlers)
