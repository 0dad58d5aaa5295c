"""Whether the router still hears the board: the chip does not notice when it goes silent.

A router answers name queries itself, so it is asked one.  One that never
answered any is not judged by it.
"""

import usocket as socket
from micropython import const

from picopin import net
from picopin.net import sta

_DNS = const(53)
_ANSWER_S = const(2)  # for the answer to come
_AGAIN_S = const(3)  # after a question that was left open
_MISSES = const(3)  # so many in a row, and the link is dead
# RFC 1035, 4.1: an id, one question, for the address (1) of the root, in the Internet (1)
_QUESTION = b"Pp\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1"


def is_dead(look_s):
    """Ask the router, or look for its answer to the question before; True: it is not there.

    look_s: seconds until the next question.  Says in net.left when to call again.
    """
    address, _, router, _ = sta.ifconfig()
    if address == "0.0.0.0":
        return True
    if net.probe is None:
        net.probe = _ask(router)
        net.left = _ANSWER_S
        return False
    heard = _heard(net.probe)
    net.probe.close()
    net.probe = None
    net.left = look_s
    if heard:
        net.misses = 0
    elif net.misses is not None:
        net.misses += 1
        net.left = _AGAIN_S
    return net.misses is not None and net.misses >= _MISSES


def _ask(router):
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.setblocking(False)
    try:
        asking.sendto(_QUESTION, (router, _DNS))
    except OSError:
        pass  # no route: as if it had not answered
    return asking


def _heard(asking):
    try:
        return bool(asking.recvfrom(len(_QUESTION)))
    except OSError:
        return False
