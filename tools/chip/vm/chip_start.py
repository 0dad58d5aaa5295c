"""Before the chip's start: the modules that it has in C are played in Python here (played.c)."""

import sys

import _machine
import played_machine
import played_network
import played_socket

_machine.bind(played_machine, played_network, played_socket)
played_machine.__name__ = "machine"
played_network.__name__ = "network"
played_socket.__name__ = "socket"
sys.modules.clear()  # the chip has no modules of these names
del sys.argv[:]
