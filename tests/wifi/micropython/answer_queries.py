"""Reads packets in hex, one a line; prints what picopin.cold.dns answers, or a dash."""

import binascii
import sys

from picopin import cold

answer = cold("dns").answer
for line in sys.stdin:
    packet = answer(binascii.unhexlify(line.strip()), b"\xc0\xa8\x04\x01")
    print("-" if packet is None else binascii.hexlify(packet).decode())
