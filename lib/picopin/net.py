"""Station and access point, looked after: what must be looked at every second.

The supervisor's acts are rare, so they lie in cold.station; here is what it
remembers between them.  A watchdog resets the board when nothing has shown
life for 22.5 to 25 seconds: lwIP may hold up an answer for ten, and the error in
its place for ten more.  It is a machine.Timer, since a WDT, once started, would
reset every serial session too (ports/esp8266/machine_wdt.c).
"""

import network
import uasyncio as asyncio
import umachine as machine
from micropython import const

from picopin import cold, retained
from picopin.log import log  # noqa: F401 - whoever has the network has the log

BEAT_MS = const(2500)  # of the watchdog
_LONGEST = const(512)  # bytes of a name query (RFC 1035, 2.3.4)
_BEATS = const(9)  # more than so many without a sign of life, and it resets

sta = network.WLAN(network.STA_IF)
ap = network.WLAN(network.AP_IF)

# The supervisor's memory; cold.station says what it means.
state = "idle"  # for /status: idle, joining, up, lost, or why the last try failed
phase = left = rounds = 0
seen = ssid = asked = troubles = probe = misses = None
queue = ()
wants_scan = False
scanned = b""  # the last scan, packed by cold.scan
scanned_at = None  # uptime, seconds
portal = None  # the task of serve_names(), while the access point is up

timer = machine.Timer(-1)  # the watchdog's
_silent = 0  # beats since the last sign of life


def second(app):
    """Once a second: have the supervisor act if there is a reason, and show life."""
    global left, seen, _silent
    left -= 1
    status = sta.status()
    if status != seen or left <= 0 or wants_scan:
        try:
            if cold("station").second(app, status):
                cold("scan").scan(app)  # without the supervisor's code: forty networks take 5 kB
            seen = sta.status()
        except MemoryError:
            app.no_memory += 1  # and once more in a second: full is not dead
        except Exception as e:
            if not _silent:  # for /status, should the watchdog have to end this
                cold("safety").note(e)
            raise
    _silent = 0


def beat(timer):
    """The watchdog's timer has run out: nothing here takes memory, as a hard one must not."""
    global _silent
    _silent += 1
    if _silent > _BEATS:
        restart(retained.WATCHDOG)


def restart(mark):
    """Reset the board; mark: why, for who asks afterwards (retained.MARK)."""
    retained.put(retained.MARK, mark)
    machine.reset()


def serve_names(s, ip):  # a coroutine, in asyncio's own way
    """Answer the name queries that come to the UDP socket `s` with `ip`, 4 bytes."""
    try:
        while True:
            yield asyncio.core._io_queue.queue_read(s)
            try:
                packet, client = s.recvfrom(_LONGEST)
                packet = cold("dns").answer(packet, ip)
                if packet:
                    s.sendto(packet, client)
            except (OSError, MemoryError):
                pass  # it is lost, as any packet may be: the client asks again
    finally:
        s.close()
