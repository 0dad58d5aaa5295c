"""Places of the heap that must hold nothing large."""

import gc


def run():
    """Find them, once asyncio runs: allocate all that is free in small pieces, and let go of it.

    MicroPython's collector takes any word on the stack for a reference (py/gc.c).
    The frames that live as long as the program hold old ones; what comes to lie
    where they point is never freed, and a page that was sent would take some
    kilobytes with it.  Now a piece of 64 bytes lies there for good instead.
    """
    chain = None
    try:
        while True:
            chain = [chain]
    except MemoryError:
        pass
    while chain:  # a piece that stays must not hold the others
        chain[0], chain = None, chain[0]
    gc.collect()
