# The interpreter's end of the bus: one request, one answer, no allocation on the way.
#
# Scheduled callbacks (timers, pin interrupts) use the bus too, and MicroPython runs them at any
# jump: from the request to the copy of its answer there is therefore none, not even an `if`.
from array import array

_request = array("i", (0, 0, 0))  # operation | unit << 8 | payload length << 16, a, b
_answer = array("i", (0, 0))  # status | payload length << 16, value
data = bytearray(1480)  # the payload of the last answer: as much as an Ethernet frame carries
_errors = (None, OSError, ValueError, OSError, TypeError)
_write = None
_read = None


def attach(fd):
    global _write, _read
    line = open(fd, "r+b", buffering=0)
    _write = line.write
    _read = line.readinto


def _exchange(head, a, b, payload):
    _request[0] = head
    _request[1] = a
    _request[2] = b
    try:
        _write(_request)
        _write(payload)
        _read(_answer)
        return _read(data, _answer[0] >> 16)
    except KeyboardInterrupt:
        _finish()
        raise


# Fetch the answer that Ctrl-C broke into, or else the next request would read it.
def _finish():
    try:
        _read(_answer)
        return _read(data, _answer[0] >> 16)
    except KeyboardInterrupt:
        _finish()


# Ask the hardware and answer its value; a, b and the value have 32 bits with sign.
def call(op, unit=0, a=0, b=0, payload=b""):
    _exchange(op | unit << 8 | len(payload) << 16, a, b, payload)
    status = _answer[0]
    value = _answer[1]
    if status & 255:
        _refuse(status, value)
    return value


# Ask the hardware and answer a copy of its payload.
def fetch(op, unit=0, a=0, b=0, payload=b""):
    _exchange(op | unit << 8 | len(payload) << 16, a, b, payload)
    status = _answer[0]
    value = _answer[1]
    copy = bytes(memoryview(data)[: status >> 16])
    if status & 255:
        _refuse(status, value)
    return copy


def _refuse(status, value):
    error = _errors[status & 255]
    text = str(data[: status >> 16], "utf-8")
    if text:
        raise error(text)
    if error is OSError:
        raise error(value)
    raise error()
